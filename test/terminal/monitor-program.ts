/** The monitor's screen with a cluster that a script plays: `node monitor-program.ts '{"taskCount": 5000}'`. */
import {runMonitor} from '../../src/ui/index.ts'
import {type FakeOptions, fakeSource} from '../unit/ui/monitor/fake-source.ts'

interface ProgramOptions extends FakeOptions {
  readonly pollMs?: number
  readonly job?: string
  /** Throws from a timer after so long: as a bug would. */
  readonly throwsAfterMs?: number
}

const {pollMs = 100, job, throwsAfterMs, ...fake} = JSON.parse(process.argv[2] ?? '{}') as ProgramOptions
if (throwsAfterMs !== undefined) {
  setTimeout(() => {
    throw new Error('a bug of ours')
  }, throwsAfterMs)
}
const end = await runMonitor({
  source: fakeSource(fake),
  stdout: process.stdout,
  stdin: () => process.stdin,
  isStdinTty: process.stdin.isTTY === true,
  env: process.env,
  job,
  pollMs,
})
if (end.type === 'signal') process.exitCode = end.exitCode
process.stdout.write(`ended by ${end.type}\n`)
