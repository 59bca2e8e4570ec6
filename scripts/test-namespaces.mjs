// `npm run test:namespaces`: three machines as network namespaces, joined by token and TLS over veth links. Needs root.
import {missingForNetwork} from '../test/namespaces/network.ts'
import {threeMachines} from '../test/namespaces/three-machines.ts'
import {build, buildErrorText} from './build.mjs'

const missing = missingForNetwork()
if (missing !== undefined) {
  console.log(`skipped: ${missing}`)
  process.exit(0)
}
try {
  console.log(await build())
} catch (error) {
  console.error(buildErrorText(error))
  process.exit(1)
}
const started = performance.now()
const seconds = () => `${((performance.now() - started) / 1000).toFixed(1)} s`
let count = 0
try {
  await threeMachines(text => console.log(`ok      ${++count}. ${text} (${seconds()})`))
  console.log(`${count} passed, 0 failed`)
} catch (error) {
  console.log(`FAILED  after ${count} (${seconds()}): ${error.stack}`)
  console.log(`${count} passed, 1 failed`)
  process.exitCode = 1
}
