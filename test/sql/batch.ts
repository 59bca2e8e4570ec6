/** A process of its own for some seeds: `node test/sql/batch.ts ENGINE FIRST COUNT`. Prints one JSON line per seed, ahead of which its number. */
import {openEngines, verdictsOf} from './differential.ts'
import {caseOf} from './random-case.ts'

const first = Number(process.argv[3])
const count = Number(process.argv[4])
const engines = await openEngines(process.argv[2] ?? '')
process.stdout.write(`${JSON.stringify({isInstalled: engines.hasKernel || engines.list.length > 0})}\n`)
for (let seed = first; seed < first + count; seed++) {
  process.stdout.write(`${JSON.stringify({begun: seed})}\n`)
  process.stdout.write(`${JSON.stringify({seed, verdicts: await verdictsOf(engines, caseOf(seed))})}\n`)
}
await engines.close()
