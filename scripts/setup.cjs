// Runs on the system's Node before anything is installed: CommonJS, no dependencies.
// Installs the locked dependencies when they are missing or older than the lock file, and checks that the pinned Node starts.
const {existsSync, statSync} = require('node:fs')
const {spawnSync} = require('node:child_process')
const {join} = require('node:path')

const root = join(__dirname, '..')
const node = join(root, 'node_modules/.bin/node')
const stamp = join(root, 'node_modules/.package-lock.json')
const isInstalled =
  existsSync(stamp) && existsSync(node) && statSync(stamp).mtimeMs >= statSync(join(root, 'package-lock.json')).mtimeMs

if (!isInstalled) {
  console.error('Setting up once: npm ci (it brings its own Node)')
  // A nested npm must not see the outer run's npm_* variables.
  const outer = /^npm_(lifecycle|package|command|config_local_prefix)/
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !outer.test(name)))
  const result = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    env,
    stdio: ['ignore', 2, 2],
  })
  if (result.error) console.error(`npm does not start: ${result.error.message}`)
  if (result.status !== 0) process.exit(result.status || 1)
}

const version = spawnSync(node, ['--version'], {encoding: 'utf8'})
if (version.status !== 0) {
  console.error(`The Node of this project does not start: ${(version.stderr || String(version.error)).trim()}`)
  if (/libatomic/.test(version.stderr)) console.error('It needs a system library: apt-get install -y libatomic1')
  process.exit(1)
}
