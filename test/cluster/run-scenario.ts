/** `node run-scenario.ts NAME SIZES`: one scenario; its line, with what it counted or why it failed. For scripts/test-cluster.mjs. */
import {inspect} from 'node:util'
import {type Sizes, scenarios} from './scenarios.ts'

process.once('disconnect', () => process.exit(1))
process.channel?.unref()

const [name = '', sizes = ''] = process.argv.slice(2)
const startedMs = performance.now()
const seconds = (): string => `${((performance.now() - startedMs) / 1000).toFixed(1)} s`
try {
  const counts = await scenarios[name]!(JSON.parse(sizes) as Sizes)
  const text = Object.entries(counts).map(([key, value]) => `${key} ${value}`)
  console.log(`ok      ${name} (${seconds()}): ${text.join(', ')}`)
} catch (error) {
  console.log(`FAILED  ${name} (${seconds()}): ${inspect(error)}`)
  process.exitCode = 1
}
