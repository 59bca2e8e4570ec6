// `npm run test:cluster`: real processes of the built program, killed and starved on loopback. Each scenario prints its counts.
//
//     node scripts/test-cluster.mjs [SCENARIO…] [--lanes N] [--seed N] [--kills N] [--pushes N] [--flips N] [--rounds N]
//
// Most of a scenario's time is waiting for what was killed, so two run at once. Each is a process of its own: one that breaks
// ends no other, and one that waits for a command holds no other up.
import {spawn} from 'node:child_process'
import {join} from 'node:path'
import {parseArgs} from 'node:util'
import {scenarios} from '../test/cluster/scenarios.ts'
import {build, buildErrorText} from './build.mjs'

const number = standard => ({type: 'string', default: String(standard)})
const {values, positionals} = parseArgs({
  allowPositionals: true,
  options: {
    lanes: number(2),
    seed: number(Math.floor(Math.random() * 1e6)),
    kills: number(60),
    pushes: number(5000),
    flips: number(200),
    rounds: number(200),
  },
})
const {lanes, ...sizes} = Object.fromEntries(Object.entries(values).map(([name, text]) => [name, Number(text)]))
const wrong = Object.entries({lanes, ...sizes}).filter(([name, size]) => !(size >= (name === 'lanes' ? 1 : 0)))
if (wrong.length > 0) {
  console.error(`${wrong.map(([name]) => `--${name}`).join(', ')}: a number is wanted`)
  process.exit(2)
}
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

const waiting = [...names]
const failed = []
await Promise.all(Array.from({length: lanes}, lane))
console.log(`${names.length - failed.length} passed, ${failed.length} failed (seed ${sizes.seed})`)
process.exitCode = failed.length === 0 ? 0 : 1

async function lane() {
  for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
    const {isPassed, text} = await runScenario(name)
    if (!isPassed) failed.push(name)
    process.stdout.write(text)
  }
}

function runScenario(name) {
  const runner = join(import.meta.dirname, '../test/cluster/run-scenario.ts')
  // By the channel it knows when this process is gone, and ends, too.
  const stdio = ['ignore', 'pipe', 'pipe', 'ipc']
  const child = spawn(process.execPath, [runner, name, JSON.stringify(sizes)], {stdio})
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', piece => (text += piece))
  return new Promise(resolve => {
    child.on('close', (code, signal) => {
      if (code === 0) return resolve({isPassed: true, text})
      const given = Object.entries(sizes).map(([size, value]) => `--${size} ${value}`)
      const again = `        again: npm run test:cluster -- ${name} ${given.join(' ')}\n`
      const how = code === 1 ? '' : `FAILED  ${name}: ended with ${signal ?? code}\n`
      resolve({isPassed: false, text: text + how + again})
    })
  })
}
