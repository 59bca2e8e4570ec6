/** Rules from a log file to a database, at a size for every change. The whole of it: npm run test:cluster, npm run test:databases. */
import {expect, test} from 'vitest'
import {everythingOnce} from './everything-once.ts'

const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000)

test(`every written line counts once in SQLite, whatever is killed (SEED=${seed})`, async () => {
  const counts = await everythingOnce({seed, kills: 7})
  expect(counts).toMatchObject({watch: 1, daemon: 1, agent: 1, master: 1, lines: expect.any(Number)})
})
