/**
 * Loads the core of the program (scripts/build/core.mjs) in the one executable: text and compiled code are parts of it, made when it
 * was built. Nothing is looked for on the disk, and nothing kept there. Bundled by itself: nothing of ours is there before it.
 */
import {startThreadFor} from '../../src/worker/spare-thread.ts'
import {codeNameOfCore, commandOf, overTags} from './core-uses.js'

const {Script} = process.getBuiltinModule('node:vm')

let core
const after = new Map()

/** A package that few commands need, as CommonJS: the rule language asks for it by this symbol. */
globalThis[Symbol.for('disco-inferno.script')] = name => {
  const text = Buffer.from(process.getBuiltinModule('node:sea').getRawAsset(name)).utf8Slice()
  const module = {exports: {}}
  const run = new Script(`(function (module, exports) {${text}\n})`, {
    filename: `embedded:///${name}`,
  }).runInThisContext()
  run(module, module.exports)
  return module.exports
}

/** What the core exports, by name. @param url - of the script; a program has one */
export function loadCore(url) {
  core ??= load(url, nameOfCore)
  return core
}

/** What a script exports that is given the core, which is there. @param url - of that script */
export function loadAfterCore(url) {
  if (!after.has(url))
    after.set(
      url,
      load(url, () => `${overTags}-after`),
    )
  return after.get(url)
}

function nameOfCore() {
  const threadData = globalThis[Symbol.for('disco-inferno.thread')]
  const command = commandOf(threadData === undefined ? process.argv.slice(1, 4) : threadData.words)
  return codeNameOfCore(command, threadData, startThreadFor)
}

function load(url, nameOf) {
  const {getRawAsset} = process.getBuiltinModule('node:sea')
  const cachedData = codeFor(getRawAsset, nameOf())
  const name = url.slice(url.lastIndexOf('/') + 1)
  const script = new Script(Buffer.from(getRawAsset(name)).latin1Slice(), {
    filename: url,
    ...(cachedData === undefined ? {} : {cachedData}),
  })
  // A script has no import() of its own. Names are relative to the parts of the program.
  const importModule = name => import(name)
  const loadAfter = name => loadAfterCore(new URL(name, url).href)
  return script.runInThisContext()({url, filename: process.execPath, importModule, core, loadAfter})
}

/** An executable for another platform has none: compiled code fits only the machine that made it. */
function codeFor(getRawAsset, use) {
  try {
    return Buffer.from(getRawAsset(`${use}.code`))
  } catch {
    return undefined
  }
}
