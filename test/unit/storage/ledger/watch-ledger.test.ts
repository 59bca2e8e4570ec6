import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect, test} from 'vitest'
import {type LedgerFile, type LedgerIntent, openWatchLedger} from '../../../../src/storage/index.ts'
import {temporaryFolder} from '../folder.ts'

const file = (changes: Partial<LedgerFile> = {}): LedgerFile => ({
  id: 1,
  name: 'a.log',
  path: 'a.log',
  identity: '1:18446744073709551615',
  codec: 'plain',
  headBytes: 10,
  headHash: 'head',
  offset: 0,
  tailHash: 'tail',
  header: undefined,
  diskBytes: 20,
  modifiedAtMs: 1_700_000_000_123,
  textBytes: 20,
  goneAtMs: undefined,
  ...changes,
})

const intent: LedgerIntent = {
  file: 1,
  from: 0,
  to: 20,
  tag: 'logs',
  entry: {
    type: 'blob',
    blob: 'b'.repeat(64),
    name: 'a.log-k-0-20.zst',
    bytes: 7,
    codec: 'zstd',
    recordCount: 2,
    rawBytes: 20,
  },
}

test('what was saved is there after it is opened again, and a chunk moves its file on in the same step', async () => {
  const path = join(temporaryFolder(), 'ledger.sqlite')
  const ledger = await openWatchLedger(path, '/logs')
  const {ledgerId, isNew} = ledger.load()
  expect(isNew).toBe(true)
  const gone = file({id: 2, identity: undefined, goneAtMs: 5, header: Buffer.from('id,text\n')})
  ledger.saveFiles([file(), gone, file({id: 3})], [], 4)
  ledger.saveFiles([], [3], 4)
  ledger.saveIntent(intent, file({offset: 20}), 5)
  ledger.close()
  const again = await openWatchLedger(path, '/logs')
  const state = again.load()
  expect(state).toMatchObject({intent, nextId: 5, ledgerId, isNew: false})
  expect(state.files).toEqual([file({offset: 20}), gone])
  again.finishIntent()
  expect(again.load().intent).toBeUndefined()
  again.close()
})

test('a ledger is of one process and of one folder', async () => {
  const path = join(temporaryFolder(), 'ledger.sqlite')
  const ledger = await openWatchLedger(path, '/logs')
  await expect(openWatchLedger(path, '/logs')).rejects.toMatchObject({
    code: 'CANNOT_START',
    message: `the ledger ${path} is in use by another process`,
  })
  ledger.close()
  await expect(openWatchLedger(path, '/other')).rejects.toThrow('belongs to the folder /logs, not /other')
})

test('a corrupt ledger is an error and stays where it is', async () => {
  const path = join(temporaryFolder(), 'ledger.sqlite')
  writeFileSync(path, 'this is not a database'.repeat(100))
  await expect(openWatchLedger(path, '/logs')).rejects.toMatchObject({
    code: 'CANNOT_START',
    message: `the ledger ${path} is corrupt`,
  })
})
