/**
 * Loads the core of the program (scripts/build/core.mjs). Bundled by itself: nothing of ours is there before it.
 *
 * As a script the core can be kept with the compiled code of all functions that a query called. Node keeps modules as they are
 * right after loading, without their functions, and each of them costs a third of a millisecond to find, read and link.
 */
import {startThreadFor} from '../../src/worker/spare-thread.ts'
import {codeNameOfCore, commandOf, keepingCommands, overTags, readingCommands} from './core-uses.js'

const {mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync} =
  process.getBuiltinModule('node:fs')
const {Script} = process.getBuiltinModule('node:vm')
/** What a scanning thread was told; undefined in the main thread and in all other threads, which keep nothing. Its entry says it after this is loaded. */
const dataOfThread = () => globalThis[Symbol.for('disco-inferno.thread')]

/** Files of compiled code: all commands of four builds, for who works with several. */
const keptFilesMax = 4 * (keepingCommands.size + readingCommands.size + 2)

let core
const after = new Map()

/** What the core exports, by name. @param url - of the script; a program has one */
export function loadCore(url) {
  core ??= load(url, (command, threadData) => codeNameOfCore(command, threadData, startThreadFor))
  return core
}

/** What a script exports that is given the core, which is there. @param url - of that script */
export function loadAfterCore(url) {
  if (!after.has(url))
    after.set(
      url,
      load(url, () => overTags),
    )
  return after.get(url)
}

function load(url, nameOf) {
  const filename = process.getBuiltinModule('node:url').fileURLToPath(url)
  const slash = filename.search(/[/\\][^/\\]*$/)
  const threadData = dataOfThread()
  const command = commandOf(threadData === undefined ? process.argv.slice(1, 4) : threadData.words)
  // The one of this very Node among the user's; undefined when nothing is kept. A thread is told.
  const folder =
    threadData === undefined ? process.getBuiltinModule('node:module').getCompileCacheDir() : threadData.codeFolder
  const kept = codeFile(folder, filename.slice(slash + 1), nameOf(command, threadData))
  const cachedData = kept && readIfThere(kept)
  const script = new Script(readFileSync(filename, 'latin1'), {
    filename: url,
    ...(cachedData === undefined ? {} : {cachedData}),
  })
  // A thread may be ended in the middle of it, and needs nothing else: the main thread scans, too.
  if (kept !== undefined && script.cachedDataRejected !== false && command !== undefined && threadData === undefined) {
    // A command that fails, or only says what it is for, calls little of what it calls otherwise.
    const isWhole = !process.argv.some(word => word === '--help' || word === '-h')
    process.once('exit', status => status === 0 && isWhole && keep(script, folder, kept))
  }
  // A script has no import() of its own. Names are relative to this file, which is beside it.
  const importModule = name => import(name)
  const loadAfter = name => loadAfterCore(new URL(name, url).href)
  return script.runInThisContext()({url, filename, dirname: filename.slice(0, slash), importModule, core, loadAfter})
}

const codeFile = (folder, script, use) => folder && `${folder}/${script}.${use}.code`

/** Whatever is wrong with what was kept: V8 looks at it closely, and without it everything works as well. */
function readIfThere(file) {
  try {
    return readFileSync(file)
  } catch {
    return undefined
  }
}

/**
 * Renamed into place when it is on the disk: nobody sees a part of it, not even after a power cut. What cannot be written (a full
 * disk) is made anew each time.
 */
function keep(script, folder, file) {
  const scratch = `${file}.${process.pid}`
  try {
    mkdirSync(folder, {recursive: true})
    writeFileSync(scratch, script.createCachedData(), {flush: true})
    renameSync(scratch, file)
    forgetOldest(folder)
  } catch {
    rmSync(scratch, {force: true})
  }
}

/** What was kept of builds that are gone, half a megabyte or more each. */
function forgetOldest(folder) {
  const files = readdirSync(folder).filter(name => name.endsWith('.code'))
  if (files.length <= keptFilesMax) return
  const aged = files.map(name => `${folder}/${name}`).map(file => ({file, atMs: statSync(file).mtimeMs}))
  for (const {file} of aged.toSorted((a, b) => b.atMs - a.atMs).slice(keptFilesMax)) rmSync(file, {force: true})
}
