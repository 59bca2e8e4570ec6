/**
 * Where the time of this tool goes in one case: V8's CPU profiles of all its threads, told by the module of the source.
 *
 * The bundle names the source of each piece of code in a comment; a function of none of our modules (JSON.parse, reads,
 * Node's own) counts for the module that called it. `(program)` is native code that V8 cannot tell.
 */
import {spawnSync} from 'node:child_process'
import {existsSync, globSync, mkdirSync, readFileSync, rmSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {argvOf} from './engines/ours.mjs'
import {root} from './engines/paths.mjs'

const samplingMicroseconds = 500
/** Functions listed under each group. */
const functionCount = 4

/** Source of code, first match, to the group of its time. */
const groups = [
  [/^node_modules\//, 'start-up'],
  [
    /^src\/engine\/(groups|columns)\/(merge|run-|sort-|top-k)|^src\/engine\/(results|postprocess|pairs)/,
    'merge, output',
  ],
  [/^src\/(sinks|cli|client|ui|project)\//, 'merge, output'],
  [/^src\/engine\/(groups|columns|numbers|group-emitter|tables)/, 'hash, group'],
  [/^src\/(engine\/(?!bytes)|rules\/)/, 'scan, decode'],
  [/^src\/worker\//, 'scan, decode'],
  [/^wasm:.*(hash|group|table|slot|aggregate|column)/i, 'hash, group'],
  [/^wasm:.*(sort|run|merge|emit|write)/i, 'merge, output'],
  [/^wasm:/, 'scan, decode'],
]

/** @returns {Promise<string>} a table for each thread, busy time first */
export async function profileCase(one, options, folder) {
  const {files} = await one.data(options)
  const [node, ...args] = argvOf(one, files)
  const profiles = join(folder, 'profiles')
  // The first run warms the files and the cache of compiled code.
  for (const flags of [
    [],
    ['--cpu-prof', `--cpu-prof-dir=${profiles}`, `--cpu-prof-interval=${samplingMicroseconds}`],
  ]) {
    mkdirSync(profiles, {recursive: true})
    const {status, stderr} = spawnSync(node, [...flags, ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
      encoding: 'utf8',
    })
    if (status !== 0) throw new Error(`${one.id} failed (${status}): ${stderr.trim().slice(-500)}`)
  }
  const sourceOf = sourceFinder()
  const threads = globSync('*.cpuprofile', {cwd: profiles})
    .map(name => summarize(JSON.parse(readFileSync(join(profiles, name), 'utf8')), sourceOf))
    .toSorted((a, b) => b.busyMs - a.busyMs)
  rmSync(profiles, {recursive: true, force: true})
  return [`**${one.title}**`, '', ...threads.flatMap(renderThread)].join('\n')
}

/** Sums self times by group, and by function within it. */
function summarize({nodes, samples, timeDeltas, startTime, endTime}, sourceOf) {
  const byId = new Map(nodes.map(node => [node.id, node]))
  for (const node of nodes) for (const id of node.children ?? []) byId.get(id).parent = node
  const byGroup = new Map()
  let busyMs = 0
  for (const [index, id] of samples.entries()) {
    const node = byId.get(id)
    const name = node.callFrame.functionName
    if (name === '(idle)') continue
    const ms = (timeDeltas[index] ?? 0) / 1000
    busyMs += ms
    const group = groupOf(node, sourceOf)
    const functions = byGroup.get(group) ?? new Map()
    byGroup.set(group, functions)
    const label = `${name === '' ? '(anonymous)' : name} ${placeOf(node, sourceOf)}`.trim()
    functions.set(label, (functions.get(label) ?? 0) + ms)
  }
  return {busyMs, totalMs: (endTime - startTime) / 1000, byGroup}
}

/** The group of the nearest caller that has one; what has none belongs to the start of the program. */
function groupOf(node, sourceOf) {
  const name = node.callFrame.functionName
  if (name === '(garbage collector)') return 'garbage collection'
  if (name === '(program)') return 'native, unknown'
  for (let at = node; at !== undefined; at = at.parent) {
    const source = sourceOf(at.callFrame)
    const found = source === undefined ? undefined : groups.find(([pattern]) => pattern.test(source))
    // The top level of a module runs while the program starts.
    if (found !== undefined && at.callFrame.functionName !== '') return found[1]
  }
  return 'start-up'
}

function placeOf({callFrame}, sourceOf) {
  return (
    sourceOf(callFrame)?.replace(/^wasm:.*$/, '(kernel)') ?? (callFrame.url.startsWith('node:') ? callFrame.url : '')
  )
}

/** @returns a function from a frame to the source file that its code was bundled from */
function sourceFinder() {
  const known = new Map()
  return ({url, lineNumber, functionName}) => {
    if (url.startsWith('wasm:')) return `wasm: ${functionName}`
    if (!url.startsWith('file:')) return undefined
    const marks = known.get(url) ?? marksOf(fileURLToPath(url))
    known.set(url, marks)
    const source = marks.findLast(({line}) => line <= lineNumber)?.source
    return source?.startsWith('src/') ? neighbourOf(source, functionName) : source
  }
}

/** The minifier drops some of the comments: a function may be of a later file, which is in the same folder then. */
function neighbourOf(source, functionName) {
  const name = functionName.replace(/^(#|get |set )/, '').replace(/\$\d+$/, '')
  if (name === '' || /\W/.test(name)) return source
  const folder = dirname(source)
  const sources = [source, ...globSync('*.ts', {cwd: join(root, folder)}).map(file => `${folder}/${file}`)]
  const definition = new RegExp(`(function\\*? |#|get |set |^ +(static )?)${name}[(<]|\\b${name} = `, 'm')
  return sources.find(file => definition.test(textOf(file))) ?? source
}

const texts = new Map()

function textOf(file) {
  const path = join(root, file)
  const text = texts.get(file) ?? (existsSync(path) ? readFileSync(path, 'utf8') : '')
  texts.set(file, text)
  return text
}

/** Lines of a bundle at which a source begins. */
function marksOf(path) {
  if (!existsSync(path)) return []
  return readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((text, line) => {
      const source = /^\s*(?:\/\/#region |\/\/ )((?:src|commands|node_modules)\/\S+)$/.exec(text)?.[1]
      return source === undefined ? [] : [{line, source}]
    })
}

function renderThread({busyMs, totalMs, byGroup}, index) {
  const total = functions => functions.values().reduce((sum, ms) => sum + ms, 0)
  const rows = [...byGroup]
    .toSorted(([, a], [, b]) => total(b) - total(a))
    .map(([group, functions]) => {
      const top = [...functions].toSorted(([, a], [, b]) => b - a).slice(0, functionCount)
      const names = top.map(([name, ms]) => `${name} ${ms.toFixed(0)}`).join('; ')
      return `| ${group} | ${total(functions).toFixed(0)} | ${((100 * total(functions)) / busyMs).toFixed(0)} % | ${names} |`
    })
  return [
    `Thread ${index + 1}: busy ${busyMs.toFixed(0)} ms of ${totalMs.toFixed(0)} ms`,
    '',
    '| where | ms | share | most of it, ms |',
    '| --- | ---: | ---: | --- |',
    ...rows,
    '',
  ]
}
