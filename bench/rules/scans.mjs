/** A rule over thirty days of logs: in the cluster cold, with 29 days kept from before, and over the same bytes without a cluster. */
import {readdirSync, readFileSync, rmSync, statSync, utimesSync} from 'node:fs'
import {join} from 'node:path'
import {writeAdLogs} from '../../scripts/ad-logs.mjs'
import {Cluster} from '../ddfs/cluster.mjs'
import {median, Project} from './project.mjs'

const dayCount = 30
const lastDayMs = Date.UTC(2026, 10, 23)
const dayMs = 86_400_000
/** Of a line, about. */
const lineBytes = 191
/** Share of the logs that may come from the disk in rounds that read them many times: what other programs read, and temporary files. */
const diskShareMax = 0.05
const dayText = back => new Date(lastDayMs - back * dayMs).toISOString().slice(0, 10)

const tables = {
  'a small table (campaign, size)': {keys: ['campaign_id', 'size']},
  'a large one (campaign, site)': {keys: ['campaign_id', 'domain']},
}
const [firstTable] = Object.keys(tables)
/** How logs come into tags: files as they are, or cut and compressed as `ddfs watch` does. */
const stored = {
  files: {push: ['ddfs', 'push'], what: 'files as they are'},
  chunks: {push: ['ddfs', 'chunk'], what: 'compressed chunks'},
}

export async function scans({folder, sizeMb, rounds}) {
  const cluster = await Cluster.start(join(folder, 'scan-home'), ['--slots', '2'])
  const project = new Project(join(folder, 'scan'), cluster)
  try {
    await cluster.until(1)
    const bytes = storeDays(project, cluster, sizeMb)
    const results = []
    for (const [name, {what}] of Object.entries(stored)) {
      const files = storedFiles(project, cluster, name)
      const checking = firstOfDay(project, {name, files})
      for (const [title, {keys}] of Object.entries(tables)) {
        const of = `${Math.round(bytes / 1e6)} MB in ${dayCount} tags, ${what}, ${title}`
        const readBefore = diskReadMb()
        const times = measure(project, {name, keys, rounds, files})
        const read = diskReadMb() - readBefore
        if (read > (bytes / 1e6) * diskShareMax)
          console.error(
            `this machine read ${Math.round(read)} MB from its disks meanwhile: the logs may not have been in memory`,
          )
        console.error(
          `${what}, ${title}: ${Object.entries(times)
            .map(([of, list]) => `${of} ${Math.round(median(list))} ms (${list.map(Math.round).join(' ')})`)
            .join(', ')}`,
        )
        const rate = list => bytes / 1e6 / (median(list) / 1000)
        const about = {peer: 'over files, no cluster', peerRate: rate(times.local)}
        results.push({what: `${of}: cold`, rate: rate(times.cold), ...about, goal: 0.8})
        if (title === firstTable)
          results.push({what: 'the same, comparing blocks with their checksums', rate: rate([checking]), ...about})
        results.push({
          what: 'the same, 29 days kept from before',
          rate: rate(times.warm),
          peer: 'cold',
          peerRate: rate(times.cold),
          goal: 10,
        })
      }
    }
    return results
  } finally {
    cluster.stop()
  }
}

/** Bytes of the logs. A day's file goes when the cluster has it: what is compared reads the same pages, which all are to stay in memory. */
function storeDays(project, cluster, sizeMb) {
  let bytes = 0
  for (let back = 0; back < dayCount; back++) {
    const path = project.path(`${dayText(back)}.ndjson`)
    writeAdLogs({path, lines: Math.ceil((sizeMb * 1e6) / dayCount / lineBytes), seed: back + 1})
    bytes += statSync(path).size
    for (const [name, {push}] of Object.entries(stored)) cluster.time([...push, `${name}:${dayText(back)}`, path])
    rmSync(path)
  }
  return bytes
}

/** The very files that the cluster reads, as they lie in its volume. */
function storedFiles(project, {home}, name) {
  const [node] = readdirSync(join(home, 'nodes'))
  const blobs = []
  for (let back = dayCount - 1; back >= 0; back--) {
    project.time(['ddfs', 'blobs', `${name}:${dayText(back)}`, '--json'], 'blobs.json')
    blobs.push(...new Set(project.read('blobs.json').match(/\b[0-9a-f]{64}\b/g)))
  }
  rmSync(project.path('blobs.json'))
  return blobs.map(blob => join(home, 'nodes', node, 'volume/blobs', blob.slice(0, 2), blob))
}

/** What the whole machine has read from its disks; 0 where nobody tells. */
function diskReadMb() {
  try {
    return Number(/^pgpgin (\d+)$/m.exec(readFileSync('/proc/vmstat', 'latin1'))?.[1] ?? 0) / 1000
  } catch (error) {
    if (error.code !== 'ENOENT') throw error
    return 0
  }
}

const ruleRun = ['inferno', 'run', 'b.days', '--format', 'csv', '-q']
/** Another name of a column is another plan, of which nothing is kept. */
const useRule = (project, name, keys, column) => project.write('rules/b.ts', ruleText(name, keys, column))
const runHere = (project, files) => project.time([...ruleRun, ...files.flatMap(file => ['--input', file])], 'local.csv')
const runThere = (project, firstBack, days) => project.time([...ruleRun, '-S', dayText(firstBack), '-R', String(days)])

/**
 * Brings the logs into memory, here and in the cluster, then has the node compare their blocks with their checksums, which it does once a
 * day for all plans: it believes what it wrote itself for some minutes, but no file that was touched.
 *
 * @returns milliseconds of the run that compares
 */
function firstOfDay(project, {name, files}) {
  useRule(project, name, tables[firstTable].keys, 'hits_first')
  runHere(project, files)
  runThere(project, 0, dayCount)
  useRule(project, name, tables[firstTable].keys, 'hits_compared')
  const now = new Date()
  for (const file of files) utimesSync(file, now, now)
  runHere(project, files)
  const ms = runThere(project, 0, dayCount)
  sameRows(project, 'local.csv', 'out')
  return ms
}

/** Milliseconds of each, in turn. */
function measure(project, {name, keys, rounds, files}) {
  const times = {local: [], cold: [], warm: []}
  for (let round = 0; round < rounds; round++) {
    useRule(project, name, keys, `hits_cold_${round}`)
    const local = () => times.local.push(runHere(project, files))
    const cold = () => times.cold.push(runThere(project, 0, dayCount))
    for (const work of round % 2 === 0 ? [local, cold] : [cold, local]) work()
    sameRows(project, 'local.csv', 'out')
    useRule(project, name, keys, `hits_warm_${round}`)
    runThere(project, 1, dayCount - 1)
    times.warm.push(runThere(project, 0, dayCount))
    sameRows(project, 'local.csv', 'out')
  }
  for (const file of ['local.csv', 'out']) rmSync(project.path(file))
  return times
}

const ruleText = (tag, keys, column) => `import {count, defineRule, sum} from 'disco-inferno'
export const days = defineRule({name: 'days', sourceTags: ['${tag}'], keyParts: ${JSON.stringify(keys)},
  valueParts: {${column}: count(), price: sum('price')}})
`

/** Behind the header, which names a column. */
function sameRows(project, ...names) {
  const [one, other] = names.map(name => {
    const bytes = readFileSync(project.path(name))
    return bytes.subarray(bytes.indexOf('\n'))
  })
  if (!one.equals(other)) throw new Error(`the rows of ${names.join(' and ')} differ`)
  if (one.length < 100) throw new Error('there are no rows')
}
