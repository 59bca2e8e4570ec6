// Builds dist/: the program (bin.js), the library (api.js), the worker thread, and the library's declaration files.
// Run again without a change it does nothing. A build that fails leaves the previous dist/ as it was.
import {existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {stripVTControlCharacters} from 'node:util'
import {bundleProgram} from './build/bundle.mjs'
import {generate} from './build/generate.mjs'
import {bundleInputsHash, typesInputsHash} from './build/inputs.mjs'
import {ensureKernel} from './build/kernel.mjs'
import {withLock} from './build/lock.mjs'
import {emitTypes} from './build/types.mjs'
import {ensureWebPage} from './build/web-page.mjs'

const root = join(import.meta.dirname, '..')
const dist = join(root, 'dist')
const cache = join(root, 'node_modules/.cache/disco-inferno')
/** Written last: a dist/ whose stamp is there is whole. */
const stampFile = join(dist, 'build.json')

/** @returns what was done, one line for a person */
export async function build() {
  return await withLock(join(cache, 'build.lock'), buildOnce)
}

async function buildOnce() {
  const started = performance.now()
  await ensureKernel(root)
  await ensureWebPage(root)
  const previous = readStamp()
  const bundleHash = bundleInputsHash(root)
  if (previous?.bundleHash === bundleHash) return 'up to date'

  const scratch = join(cache, `build-${process.pid}`)
  try {
    const commandCount = await generate(root, join(scratch, 'commands'))
    const {entries, packages, files} = await bundleProgram(root, join(scratch, 'dist'))
    const typesHash = typesInputsHash(root)
    const isTypesFresh = previous?.typesHash === typesHash && existsSync(join(dist, 'types'))
    if (!isTypesFresh && existsSync(join(root, 'src/api.ts'))) emitTypes(root, join(scratch, 'types'))
    install(scratch, files, entries)
    writeFileSync(stampFile, `${JSON.stringify({bundleHash, typesHash, packages}, null, 1)}\n`)
    return `${commandCount} commands, ${((performance.now() - started) / 1000).toFixed(1)} s`
  } finally {
    rmSync(scratch, {recursive: true, force: true})
  }
}

function readStamp() {
  try {
    const stamp = JSON.parse(readFileSync(stampFile, 'utf8'))
    const isWhole = Object.keys(stamp.packages).every(file => existsSync(join(dist, file)))
    return isWhole && existsSync(join(root, 'src/generated/manifest.json')) ? stamp : undefined
  } catch (error) {
    if (error.code === 'ENOENT' || error instanceof SyntaxError) return undefined
    throw error
  }
}

/**
 * Moves the new files in, chunks before entries, then removes what is left of the old build.
 *
 * File by file instead of swapping the folder, so that a program started at any moment finds a whole set of files.
 */
function install(scratch, files, entries) {
  mkdirSync(dist, {recursive: true})
  rmSync(stampFile, {force: true})
  const inOrder = [...files.filter(file => !entries.includes(file)), ...entries]
  for (const file of inOrder) renameSync(join(scratch, 'dist', file), join(dist, file))

  const kept = new Set([...files, 'types'])
  if (existsSync(join(scratch, 'types'))) {
    rmSync(join(dist, 'types'), {recursive: true, force: true})
    renameSync(join(scratch, 'types'), join(dist, 'types'))
  }
  for (const name of readdirSync(dist)) {
    if (!kept.has(name)) rmSync(join(dist, name), {recursive: true, force: true})
  }
}

/** The message of a failed build. The bundler's say where the mistake is; a stack of its insides would add nothing. */
export function buildErrorText(error) {
  const text = error.message.startsWith('Build failed') ? error.message : `Build failed: ${error.stack}`
  return process.stderr.isTTY ? text : stripVTControlCharacters(text)
}

if (import.meta.main) {
  try {
    console.error(`build: ${await build()}`)
  } catch (error) {
    console.error(buildErrorText(error))
    process.exitCode = 1
  }
}
