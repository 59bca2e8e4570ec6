/** All engines on one case. */
import {rmSync} from 'node:fs'
import {join} from 'node:path'
import {differenceOf, readResult} from './compare.mjs'
import {canMeasureMemory, measure} from './measure.mjs'
import {compareSpeeds, median} from './ratios.mjs'

/** Before an engine's fastest way is chosen: the first run of each warms up, the least of all counts. */
const triesPerWay = 2

/**
 * Runs the engines in turn, round after round, so that a busy moment of the machine hits all of them.
 *
 * @returns {Promise<{title: string, rows: object[], referenceTitle: string | undefined, speeds: object | undefined}>}
 */
export async function runCase(one, options, folder) {
  const setting = {one, options, folder, hasMemory: canMeasureMemory()}
  const contenders = await contendersOf(setting)
  for (const contender of contenders) await warmUp(contender, setting)
  for (let round = 1; round <= options.roundCount; round++) {
    for (const contender of contenders) await runOnce(contender, setting, `round ${round}`)
  }
  return await summarize(contenders, setting)
}

async function contendersOf({one, options, folder}) {
  const data = await one.data(options)
  const slowData = await one.slowData(options)
  return options.engines.flatMap(engine => {
    const files = engine.isSlow ? slowData : data
    const ways = engine.variants(one, files)
    const rows = options.hasEveryWay ? ways.map(way => [way]) : ways.length === 0 ? [] : [ways]
    return rows.map((ways, index) => ({
      engine,
      version: engine.version(),
      data: files,
      ways,
      way: ways[0],
      outPath: join(folder, `${engine.id}-${index}.csv`),
      times: [],
      peaks: [],
      problem: undefined,
    }))
  })
}

/** Warms files and caches, and settles on the way that is fastest here; the output of the last run is compared. */
async function warmUp(contender, setting) {
  if (contender.version === undefined) contender.problem = 'not installed'
  if (contender.problem !== undefined) return
  let least = Number.POSITIVE_INFINITY
  let problem
  if (contender.ways.length > 1) {
    for (const way of contender.ways) {
      const runs = []
      for (let index = 0; index < triesPerWay; index++) {
        note(setting.one, contender, `trying ${way.detail}`)
        runs.push(await measureWay(way, contender.outPath, setting))
        if (runs.at(-1).problem !== undefined) break
      }
      problem ??= runs.at(-1).problem
      const ms = Math.min(...runs.map(run => (run.problem === undefined ? run.ms : Number.POSITIVE_INFINITY)))
      if (ms < least) contender.way = way
      least = Math.min(least, ms)
    }
    if (least === Number.POSITIVE_INFINITY) contender.problem = problem
    if (contender.problem !== undefined) return
  }
  note(setting.one, contender, 'warm-up')
  contender.problem = (await measureWay(contender.way, contender.outPath, setting)).problem
}

async function runOnce(contender, setting, label) {
  if (contender.problem !== undefined) return
  note(setting.one, contender, label)
  const again = `${contender.outPath}.again`
  const {ms, peakMb, problem} = await measureWay(contender.way, again, setting)
  rmSync(again, {force: true})
  contender.problem = problem
  contender.times.push(ms)
  if (peakMb !== undefined) contender.peaks.push(peakMb)
}

async function measureWay(way, outPath, {options, folder, hasMemory}) {
  const tempFolder = join(folder, 'spill')
  const result = await measure({argv: way.argv(tempFolder), outPath, timeoutMs: options.timeoutMs, hasMemory})
  rmSync(tempFolder, {recursive: true, force: true})
  return result
}

/**
 * The rows to compare with, per set of files: ours, or those of the first engine that has any. Ours is run once more for
 * the smaller files of the slow engines.
 */
function referenceRows(contenders, setting) {
  const {one, folder} = setting
  const byFiles = new Map()
  const reference = contenders.find(({problem, engine}) => problem === undefined && !engine.isLimit)
  const rowsFor = async data => {
    const known = byFiles.get(data.name)
    if (known !== undefined) return known
    let outPath = reference.outPath
    if (data.name !== reference.data.name) {
      outPath = join(folder, 'reference.csv')
      const [way] = reference.engine.variants(one, data)
      const {problem} = await measureWay(way, outPath, setting)
      if (problem !== undefined) return undefined
    }
    const rows = readResult(outPath, one, reference.engine.hasHeader === true)
    byFiles.set(data.name, rows)
    return rows
  }
  return {reference, rowsFor}
}

async function summarize(contenders, setting) {
  const {one} = setting
  const {reference, rowsFor} = referenceRows(contenders, setting)
  const rows = []
  for (const contender of contenders) {
    const {data, times, peaks, problem, engine} = contender
    const row = {
      title: nameOf(contender),
      peer: engine.peer,
      problem,
      bytes: data.bytes,
    }
    rows.push(row)
    if (problem !== undefined || times.length === 0) continue
    row.medianMs = median(times)
    row.leastMs = Math.min(...times)
    row.mbPerSecond = data.bytes / 1e6 / (row.medianMs / 1000)
    row.peakMb = peaks.length === 0 ? undefined : median(peaks)
    row.agreement = engine.isLimit ? '' : await agreementOf(contender, one, reference, rowsFor)
  }
  for (const {outPath} of contenders) rmSync(outPath, {force: true})
  return {one, rows, referenceTitle: reference?.engine.title, speeds: compareSpeeds(rows, one.goals)}
}

async function agreementOf(contender, one, reference, rowsFor) {
  const {engine, data, outPath} = contender
  const expected = await rowsFor(data)
  if (expected === undefined) return 'not compared'
  if (contender === reference) return `${expected.size}`
  const difference = differenceOf(expected, readResult(outPath, one, engine.hasHeader === true))
  return difference === undefined ? `${expected.size}, all the same` : `DIFFERENT: ${difference}`
}

/** `DuckDB 1.5.5, typed, 2 files` */
function nameOf({engine, version, way}) {
  const name = [engine.title, version].filter(part => part !== undefined && part !== '').join(' ')
  return [name, engine.detail, way.detail].filter(part => part !== undefined).join(', ')
}

function note({id}, {engine}, label) {
  process.stderr.write(`${id}: ${engine.id}, ${label}\n`)
}
