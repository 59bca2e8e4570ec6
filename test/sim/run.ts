/** `node test/sim/run.ts COUNT [SEED]`: COUNT runs from SEED on (1). Stops at the first that fails and says how to repeat it. */
import {simulate} from './simulate.ts'
import {type FaultKind, faultKinds} from './world.ts'

const count = Number(process.argv[2] ?? 1)
const first = Number(process.argv[3] ?? 1)
const faults = new Map<FaultKind, number>()
let operationCount = 0
let answeredCount = 0
const startedMs = performance.now()
for (let seed = first; seed < first + count; seed++) {
  const run = simulate(seed)
  for (const [kind, times] of run.faults) faults.set(kind, (faults.get(kind) ?? 0) + times)
  operationCount += run.operationCount
  answeredCount += run.answeredCount
  if (run.problems.length > 0) {
    console.error(run.problems.join('\n'))
    console.error(`seed ${seed}, tick ${run.tick}; again: node test/sim/run.ts 1 ${seed}`)
    process.exitCode = 1
    break
  }
}
const seconds = ((performance.now() - startedMs) / 1000).toFixed(1)
console.log(`${count} seeds, ${operationCount} operations, ${answeredCount} answered, ${seconds} s`)
console.log(faultKinds.map(kind => `${kind} ${faults.get(kind) ?? 0}`).join(', '))
