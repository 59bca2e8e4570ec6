// Builds the one executable and the npm package and tries both. Linux only: the test makes an empty root to run in.
import {spawnSync} from 'node:child_process'
import {join} from 'node:path'
import {buildBinary} from './build-binary.mjs'

if (process.platform !== 'linux') {
  console.error('the executable is tried in an empty root, which needs Linux')
  process.exit(1)
}
console.log(await buildBinary())
const root = join(import.meta.dirname, '..')
const {status} = spawnSync(
  join(root, 'node_modules/.bin/vitest'),
  ['run', '--project', 'binary', ...process.argv.slice(2)],
  {
    cwd: root,
    env: {...process.env, TEST_BINARY: '1'},
    stdio: 'inherit',
  },
)
process.exitCode = status ?? 1
