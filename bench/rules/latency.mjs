/** From a file that is closed in a watched folder to its rows in SQLite, by follower, tags and daemon. */
import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import Database from 'better-sqlite3'
import {Cluster} from '../ddfs/cluster.mjs'
import {median, Project, stop} from './project.mjs'

/** Files, one after another. */
const fileCount = 15
const lineCount = 1000
const lookEveryMs = 10
const patienceMs = 30_000

const rules = `import {count, defineRule} from 'disco-inferno'
export const AUTORUN = true
export const files = defineRule({name: 'files', sourceTags: ['incoming:'], archive: true, timeDelta: {seconds: 1},
  keyParts: ['file'], valueParts: {hits: count()}, sink: {to: 'sqlite:latency.db', mode: 'add'}})
`

export async function latency({folder}) {
  const cluster = await Cluster.start(join(folder, 'latency-home'), ['--slots', '2'])
  const project = new Project(join(folder, 'latency'), cluster)
  const children = []
  try {
    await cluster.until(1)
    mkdirSync(project.path('logs'))
    project.write('rules/m.ts', rules)
    const watch = ['ddfs', 'watch', 'logs', '--tag', 'incoming:{date}', '--age', '200ms', '-q']
    children.push(project.start(watch, 'watch.log'))
    writeLog(project, 0)
    // The first rows: programs have to start, and a tag of which no name begins is an error until it is there.
    children.push(project.start(['inferno', 'daemon', '-y', 'rules', '--state', 'state'], 'daemon.log'))
    await rowsOf(project, 0)
    const ms = []
    for (let number = 1; number <= fileCount; number++) {
      // At any moment between two runs.
      await sleep((number * 137) % 1000)
      writeLog(project, number)
      const started = performance.now()
      await rowsOf(project, number)
      ms.push(performance.now() - started)
    }
    const seconds = value => `${(value / 1000).toFixed(2)} s`
    return [
      {
        what: `from a closed file to its rows in SQLite (follower with --age 200ms, rule every second), median of ${fileCount}`,
        value: seconds(median(ms)),
        told: '2 s at most',
      },
      {what: 'the same, slowest', value: seconds(Math.max(...ms)), told: '2 s at most'},
    ]
  } finally {
    for (const child of children.reverse()) await stop(child)
    cluster.stop()
  }
}

function writeLog(project, number) {
  writeFileSync(project.path(`logs/${number}.ndjson`), `{"file":"f${number}"}\n`.repeat(lineCount))
}

async function rowsOf(project, number) {
  const endsMs = performance.now() + patienceMs
  while (hitsOf(project, number) !== lineCount) {
    if (performance.now() > endsMs) throw new Error(`file ${number} did not arrive within ${patienceMs / 1000} s`)
    await sleep(lookEveryMs)
  }
}

function hitsOf(project, number) {
  let database
  try {
    database = new Database(project.path('latency.db'), {readonly: true, fileMustExist: true})
    return database.prepare('SELECT hits FROM files WHERE file = ?').pluck().get(`f${number}`)
  } catch (error) {
    // Not made yet, or being written.
    if (/no such table|unable to open|directory does not exist|locked/.test(error.message)) return undefined
    throw error
  } finally {
    database?.close()
  }
}
