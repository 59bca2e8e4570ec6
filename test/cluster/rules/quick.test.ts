/** Rules from a log file to a database, at a size for every change. The whole of it: npm run test:cluster, npm run test:databases. */
import {expect, test} from 'vitest'
import {everythingOnce} from './everything-once.ts'

const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000)

test(`every written line counts once in SQLite, whatever is killed (SEED=${seed})`, async () => {
  const counts: Readonly<Record<string, number>> = await everythingOnce({seed, kills: 7})
  // Where no run was going when one was to be killed, somebody else is killed twice.
  for (const name of ['watch', 'daemon', 'agent', 'master', 'lines']) expect(counts[name], name).toBeGreaterThan(0)
})
