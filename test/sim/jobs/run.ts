/** node test/sim/jobs/run.ts COUNT [FIRST SEED]: many seeds, or one again. */
import {messageOf} from '../../../src/base/index.ts'
import {missingKinds} from './kinds.ts'
import {runSeed} from './scenario.ts'

/** So many seeds have every kind of fault in them. */
const everyKindSeeds = 500

const seedCount = Number(process.argv[2] ?? 1000)
const firstSeed = Number(process.argv[3] ?? 1)
const fired = new Map<string, number>()
let failedCount = 0
for (let seed = firstSeed; seed < firstSeed + seedCount && failedCount < 5; seed++) {
  try {
    for (const [kind, count] of runSeed(seed, 'none', seedCount === 1 ? 20_000 : 40))
      fired.set(kind, (fired.get(kind) ?? 0) + count)
  } catch (error) {
    failedCount++
    const cause = error instanceof Error && error.cause !== undefined ? `\n${messageOf(error.cause)}` : ''
    process.stderr.write(`${messageOf(error)}${cause}\nagain: node test/sim/jobs/run.ts 1 ${seed}\n`)
  }
}
for (const [kind, count] of [...fired].sort()) process.stdout.write(`${kind.padEnd(24)} ${count}\n`)
// Fewer seeds need not have everything in them.
const missing = seedCount < everyKindSeeds ? [] : missingKinds(fired)
if (missing.length > 0) process.stderr.write(`never happened: ${missing.join(', ')}\n`)
process.stdout.write(`${seedCount} seeds from ${firstSeed}: ${failedCount} failed\n`)
process.exitCode = failedCount + missing.length === 0 ? 0 : 1
