import {appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, expect, onTestFinished, test, vi} from 'vitest'
import {Driver} from '../../../src/daemon/rules/drive.ts'
import {takeLease} from '../../../src/daemon/rules/lease.ts'
import {whenRoom} from '../../../src/daemon/when-room.ts'
import {openRuleState, type RuleState, type WatchLedger} from '../../../src/storage/index.ts'
import {drain, newPlace, whileFollowing} from './watch/follow-folder.ts'

afterEach(() => vi.restoreAllMocks())

const noRoom = (): never => {
  throw Object.assign(new Error('database or disk is full'), {code: 'SQLITE_FULL'})
}

test('work waits for room, tells it once, and goes on; other errors are thrown', async () => {
  const {signal} = new AbortController()
  const work = vi
    .fn(() => 'done')
    .mockImplementationOnce(noRoom)
    .mockImplementationOnce(noRoom)
  const onWait = vi.fn()
  expect(await whenRoom(work, {path: '/x', onWait, signal, pauseMs: 1})).toBe('done')
  expect([work.mock.calls.length, onWait.mock.calls.length]).toEqual([3, 1])
  const broken = () => Promise.reject(new Error('broken'))
  await expect(whenRoom(broken, {path: '/x', onWait, signal, pauseMs: 1})).rejects.toThrow('broken')
  const stopped = whenRoom(noRoom, {path: '/x', onWait, signal: AbortSignal.abort(), pauseMs: 1})
  await expect(stopped).rejects.toMatchObject({code: 'DISK_FULL', message: 'no room left in /x'})
})

test('a follower waits until its ledger can be written, and pushes each line once', async () => {
  const place = newPlace()
  writeFileSync(join(place.logs, 'a.log'), 'one\n')
  await drain(place)
  const ledger = await ledgerPrototype(place)
  vi.spyOn(ledger, 'saveIntent').mockImplementationOnce(noRoom)
  vi.spyOn(ledger, 'finishIntent').mockImplementationOnce(noRoom)
  appendFileSync(join(place.logs, 'a.log'), 'two\n')
  await whileFollowing(place, () => expect.poll(() => place.cluster.lines(), {timeout: 8000}).toEqual(['one', 'two']))
  expect(place.reports.filter(({type}) => type === 'warning')).toEqual(
    Array.from({length: 2}, () => ({
      type: 'warning',
      message: expect.stringMatching(/^no room left in .*; trying again$/),
    })),
  )
})

test('a drain that has no room for its ledger ends with that', async () => {
  const place = newPlace()
  writeFileSync(join(place.logs, 'a.log'), 'one\n')
  await drain(place)
  vi.spyOn(await ledgerPrototype(place), 'saveIntent').mockImplementationOnce(noRoom)
  appendFileSync(join(place.logs, 'a.log'), 'two\n')
  await expect(drain(place)).rejects.toMatchObject({code: 'DISK_FULL'})
  await drain(place)
  expect(place.cluster.lines()).toEqual(['one', 'two'])
})

test('a daemon whose state has no room waits, says so, and goes on', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'daemon-'))
  onTestFinished(() => rmSync(folder, {recursive: true, force: true}))
  for (const name of ['rules', 'state']) mkdirSync(join(folder, name))
  const state = await openRuleState(join(folder, 'state'))
  const now = Date.now
  const sleep = () => Promise.resolve()
  const {signal} = new AbortController()
  const token = await takeLease(state, {folder, waits: false, now, sleep, onWait: () => undefined, signal})
  const prototype = Object.getPrototypeOf(state) as RuleState
  vi.spyOn(prototype, 'commit').mockImplementationOnce(noRoom)
  vi.spyOn(prototype, 'renewLease').mockImplementationOnce(noRoom)
  const messages: string[] = []
  const driver = new Driver(state, token!, {
    rulesFolder: join(folder, 'rules'),
    stateFolder: join(folder, 'state'),
    isPaused: true,
    concurrentMax: 1,
    runner: ['false'],
    // A folder without rules.
    reader: ['sh', '-c', `echo '{"type":"end"}' >&3`],
    env: {},
    notify: {},
    now,
    sleep,
    log: ({msg}) => messages.push(msg),
  })
  const running = driver.run()
  await expect.poll(() => messages, {timeout: 8000}).toContain('there is room again')
  driver.shutdown()
  await running
  expect(messages).toContain('the disk is full: nothing is started until there is room')
  expect(state.load().pausedMs).toBeDefined()
  state.close()
})

/** The class of the ledger, of which a follower makes its own. */
async function ledgerPrototype(place: ReturnType<typeof newPlace>): Promise<WatchLedger> {
  const {openWatchLedger} = await import('../../../src/storage/index.ts')
  const ledger = await openWatchLedger(place.ledger, place.logs)
  ledger.close()
  return Object.getPrototypeOf(ledger) as WatchLedger
}
