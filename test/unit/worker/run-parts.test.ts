import {afterEach, beforeEach, expect, test, vi} from 'vitest'
import {emptyAccount} from '../../../src/engine/index.ts'
import {compilePlan, defineRule} from '../../../src/rules/index.ts'
import type {Executor} from '../../../src/worker/executors.ts'
import {rangeBytesMin, stopGraceMs} from '../../../src/worker/limits.ts'
import {type PartsDone, runParts} from '../../../src/worker/run-parts.ts'
import type {PartResult, ScanPart} from '../../../src/worker/scan-job.ts'
import type {ScanRequest} from '../../../src/worker/scan-request.ts'
import {joinIn, takePart} from '../../../src/worker/shared-parts.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const rule = defineRule({name: 'r', keyParts: ['k'], valueParts: ['count']})
const {plan} = compilePlan(rule)
const partCount = 3
const files = [{name: 'a', path: '/a', bytes: partCount * rangeBytesMin, compression: 'none'}] as const

const request: ScanRequest = {
  ...{plan, rule, address: null, params: {}, files, threads: 2, memoryBytes: 2 ** 20, folder: '/none'},
  ...{sample: undefined, engine: 'auto', maxBad: undefined, keepsBad: false, rowsAreText: false},
  onProgress: () => undefined,
  signal: new AbortController().signal,
}

const resultOf = ({part}: ScanPart, bad = 0): PartResult => ({
  ...{part, name: 'a', isFirst: part === 0, isFull: false, lines: 1, badFile: null},
  account: {...emptyAccount(), in: 1, used: 1 - bad, bad},
})

const never = <T>(): Promise<T> => new Promise(() => undefined)

/** Takes all parts that are left as soon as it is open. */
function executor(scanner: number, more: Partial<Executor> & {readonly bad?: number} = {}): Executor {
  const made: Executor = {
    open: async () => undefined,
    share: async (shared, onResult) => {
      await made.open()
      if (!joinIn(shared, scanner)) return never()
      for (let part = takePart(shared, scanner); part !== undefined; part = takePart(shared, scanner))
        onResult(resultOf(part, more.bad))
      return [[]]
    },
    run: async part => resultOf(part),
    finish: async () => [[]],
    merge: never,
    close: async () => undefined,
    ...more,
  }
  return made
}

function run(executors: readonly Executor[], given: Partial<ScanRequest> = {}) {
  const failed = new AbortController()
  const stopping = new AbortController()
  const signal = AbortSignal.any([failed.signal, stopping.signal])
  const done: Promise<PartsDone> = runParts({...request, ...given}, executors, {
    ...{isInline: false, failed, signal, onSourceBytes: () => undefined},
  })
  return {done, stopping, failed}
}

test('all parts are scanned once, and added up', async () => {
  const {accounts, working, perScanner} = await run([executor(0), executor(1)]).done
  expect(accounts.total.in).toBe(partCount)
  expect(working.length).toBe(perScanner.length)
})

test('a scanner that is not there when all parts are taken is not waited for', async () => {
  const quick = executor(0)
  const {working} = await run([quick, executor(1, {open: never})]).done
  expect(working).toEqual([quick])
})

test('what one scanner throws ends the others, and comes out', async () => {
  const waiting = executor(1, {share: never})
  const {done, failed} = run([executor(0, {share: () => Promise.reject(new Error('broken'))}), waiting])
  const ended = expect(done).rejects.toThrow('broken')
  await vi.advanceTimersByTimeAsync(stopGraceMs)
  await ended
  expect(failed.signal.aborted).toBe(true)
})

test('after an abort a scanner that does not answer is waited for a moment only', async () => {
  const {done, stopping} = run([executor(0, {share: never})])
  const ended = expect(done).rejects.toMatchObject({name: 'Stopped'})
  stopping.abort()
  await vi.advanceTimersByTimeAsync(stopGraceMs)
  await ended
})

test('a scan ends as soon as more records are bad than may be', async () => {
  const {done} = run([executor(0, {bad: 1})], {maxBad: {kind: 'count', count: 1}})
  await expect(done).rejects.toMatchObject({code: 'TOO_MANY_BAD', message: expect.stringContaining('2 of 2 records')})
})

test('a share of bad records is not judged before the end', async () => {
  const {accounts} = await run([executor(0, {bad: 1})], {maxBad: {kind: 'share', percent: 1}}).done
  expect(accounts.badCount).toBe(partCount)
})

test('pieces of a stream go to whoever is free, and nobody gets a piece after the last', async () => {
  const open = async function* (): AsyncGenerator<Uint8Array> {
    for (let line = 0; line < 3; line++) yield Buffer.from('{"k":1}\n'.repeat(200_000))
  }
  const stream = [{name: 'a', path: undefined, bytes: undefined, compression: 'none', open}] as const
  const {accounts, working} = await run([executor(0), executor(1)], {files: stream}).done
  expect(accounts.total.in).toBeGreaterThan(1)
  expect(working).toHaveLength(2)
})
