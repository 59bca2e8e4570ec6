/** Rules from a log file to a database, at a size for every change. The whole of it: npm run test:cluster, npm run test:databases. */
import {expect, test} from 'vitest'
import {databaseFaults} from './database-faults.ts'
import {everythingOnce} from './everything-once.ts'
import {shortOutage} from './short-outage.ts'
import {daemonKilledAtSteps} from './steps/daemon-steps.ts'

const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000)

test(`every written line counts once in SQLite, whatever is killed (SEED=${seed})`, async () => {
  const counts: Readonly<Record<string, number>> = await everythingOnce({seed, kills: 7})
  // Where no run was going when one was to be killed, somebody else is killed twice.
  for (const name of ['watch', 'daemon', 'agent', 'master', 'lines']) expect(counts[name], name).toBeGreaterThan(0)
})

test('rows are as undisturbed when the daemon and its run are killed at a step of the run', async () => {
  const counts = await daemonKilledAtSteps(['rows are committed', 'rows are staged'], ['daemon and run'])
  expect(counts).toMatchObject({kills: 2})
})

test('rows are as undisturbed when the daemon is killed before it has written down how a run ended', async () => {
  expect(await daemonKilledAtSteps(['report is read'], ['daemon'])).toMatchObject({kills: 1})
})

test('a rule waits for a node that is away for a moment and alone has a blob', async () => {
  await shortOutage()
})

test('a daemon tries again what a database could not do, says why, and the rows are there once', async () => {
  expect(await databaseFaults({untilFailed: false})).toMatchObject({rules: 3})
})
