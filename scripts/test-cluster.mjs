// `npm run test:cluster`: real processes of the built program, killed and starved on loopback. Each scenario prints its counts.
//
//     node scripts/test-cluster.mjs [SCENARIO…] [--seed N] [--kills N] [--pushes N] [--flips N] [--rounds N]
import {parseArgs} from 'node:util'
import {scenarios} from '../test/cluster/scenarios.ts'
import {build, buildErrorText} from './build.mjs'

const number = standard => ({type: 'string', default: String(standard)})
const {values, positionals} = parseArgs({
  allowPositionals: true,
  options: {
    seed: number(Math.floor(Math.random() * 1e6)),
    kills: number(60),
    pushes: number(5000),
    flips: number(200),
    rounds: number(200),
  },
})
const sizes = Object.fromEntries(Object.entries(values).map(([name, text]) => [name, Number(text)]))
const names = positionals.length > 0 ? positionals : Object.keys(scenarios)
const unknown = names.filter(name => scenarios[name] === undefined)
if (unknown.length > 0) {
  console.error(`no scenario ${unknown.join(', ')}; there are ${Object.keys(scenarios).join(', ')}`)
  process.exit(2)
}
try {
  console.log(await build())
} catch (error) {
  console.error(buildErrorText(error))
  process.exit(1)
}
const failed = []
for (const name of names) {
  const started = performance.now()
  const seconds = () => `${((performance.now() - started) / 1000).toFixed(1)} s`
  try {
    const counts = await scenarios[name](sizes)
    const text = Object.entries(counts).map(([key, value]) => `${key} ${value}`)
    console.log(`ok      ${name} (${seconds()}): ${text.join(', ')}`)
  } catch (error) {
    failed.push(name)
    console.log(`FAILED  ${name} (${seconds()}): ${error.stack}`)
    const given = Object.entries(sizes).map(([key, value]) => `--${key} ${value}`)
    console.log(`        again: npm run test:cluster -- ${name} ${given.join(' ')}`)
  }
}
console.log(`${names.length - failed.length} passed, ${failed.length} failed (seed ${sizes.seed})`)
process.exitCode = failed.length === 0 ? 0 : 1
