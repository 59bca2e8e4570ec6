// `npm run demo`: the main job on realistic data. Builds, writes a million lines of ad logs once, runs a shipped rule over them;
// then keeps the same logs on three nodes, one of which is killed; then a whole project that runs by itself.
import {spawn} from 'node:child_process'
import {createHash} from 'node:crypto'
import {existsSync, mkdirSync, readFileSync, renameSync} from 'node:fs'
import {join, relative} from 'node:path'
import {writeAdLogs} from './ad-logs.mjs'
import {build, buildErrorText} from './build.mjs'
import {demoCluster} from './demo-cluster.mjs'
import {demoDaemon} from './demo-daemon.mjs'

const root = join(import.meta.dirname, '..')
const cache = join(root, 'node_modules/.cache/disco-inferno')
const lines = 1_000_000
const dirty = 12
const seed = 1

process.chdir(root)
try {
  await build()
} catch (error) {
  console.error(buildErrorText(error))
  process.exit(1)
}
const rule = 'templates/ad-clicks/rules/clicks.ts'
// Of the many pairs of campaign and site only the busiest, and of both tables the beginning: they should fit a screen.
await run(['inferno', 'run', rule, '--input', demoData(), '--format', 'table', '-P', 'least=4000', '--rows', '12'])
if (!process.exitCode) await demoCluster(demoData())
if (!process.exitCode) await demoDaemon()

/** The path of the data, which is written the first time; it is another file when the generator has changed. */
function demoData() {
  const generator = readFileSync(join(root, 'scripts/ad-logs.mjs'))
  const version = createHash('sha256').update(generator).digest('hex').slice(0, 8)
  const file = join(cache, `ad-logs-${version}.ndjson`)
  if (!existsSync(file)) {
    console.error(`Writing ${lines.toLocaleString('en')} lines of ad logs, ${dirty} of them dirty`)
    mkdirSync(cache, {recursive: true})
    // Renamed when whole: an interrupted demo leaves nothing that looks like data.
    const unfinished = `${file}.${process.pid}`
    writeAdLogs({path: unfinished, lines, dirty, seed})
    renameSync(unfinished, file)
  }
  return relative(root, file)
}

function run(args) {
  console.error(`\n$ disco-inferno ${args.join(' ')}\n`)
  // The terminal sends Ctrl-C to the program too, and the program decides how to end.
  process.on('SIGINT', () => undefined)
  return new Promise(resolve => {
    const child = spawn(process.execPath, [join(root, 'bin/run.js'), ...args], {stdio: 'inherit'})
    child.on('exit', code => {
      process.exitCode = code ?? 1
      resolve()
    })
  })
}
