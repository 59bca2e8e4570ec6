// The last part of `npm run demo`: the template `live-clicks` as it runs day and night. Three agents; logs are written and followed;
// the daemon runs three rules into SQLite; daemon and follower are killed meanwhile. At the end the database is compared with what
// was written. Everything in a temporary folder, stopped and removed at the end.
import {mkdirSync, mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import Database from 'better-sqlite3'
import {LiveLogs} from './demo-live-logs.mjs'
import {ended, Programs, say, until} from './demo-programs.mjs'

/** Rows shown of a table. */
const shownRows = 5

export async function demoDaemon() {
  const home = mkdtempSync(join(tmpdir(), 'inferno-demo-'))
  const env = {...process.env, DISCO_HOME: join(home, 'disco'), DISCO_LOG_LEVEL: 'error'}
  // The project of the demo, whatever a person has set for their own.
  for (const name of Object.keys(env)) if (name.startsWith('DISCO_INFERNO_')) delete env[name]
  const programs = new Programs({cwd: home, env})
  try {
    await show(programs, home)
  } finally {
    await programs.end()
    rmSync(home, {recursive: true, force: true})
  }
}

async function show(programs, home) {
  say('A project that runs by itself, on a cluster of three:')
  programs.tell(['inferno', 'init', 'live', '--template', 'live-clicks'])
  await programs.startCluster(3)
  programs.cwd = join(home, 'live')
  mkdirSync(join(programs.cwd, 'logs'))

  const logs = new LiveLogs(join(programs.cwd, 'logs'))
  logs.write()
  let follower = begin(programs, followerArguments)
  // A tag of which no name begins is an error: the first chunk should be there before the rules are.
  await until('the first chunk is pushed', () => programs.json(['ddfs', 'ls', '--json', 'incoming:']).length > 0)
  let daemon = begin(programs, daemonArguments)
  const database = join(programs.cwd, 'clicks.db')
  await writeFor(logs, 3)
  daemon = await restart(programs, 'the daemon', daemon, daemonArguments)
  await writeFor(logs, 2)
  logs.rotate()
  follower = await restart(programs, 'the follower', follower, followerArguments)
  await writeFor(logs, 2)
  say(`${logs.lines.toLocaleString('en')} lines are written; what is in the tables catches up`)
  const started = performance.now()
  await until('the tables have caught up', () => {
    for (const child of [follower, daemon]) if (child.exitCode !== null) throw new Error(child.words)
    return difference(logs, database) === ''
  }).catch(error => {
    say(difference(logs, database))
    throw error
  })
  say(`They are up to date ${((performance.now() - started) / 1000).toFixed(1)} s after the last line was written.`)
  programs.tell(['inferno', 'status', '-y', 'rules'])
  programs.tell(['inferno', 'runs', '-y', 'rules', '-c', '6'])
  query(database, `SELECT * FROM campaigns ORDER BY impressions DESC LIMIT ${shownRows}`)
  query(database, `SELECT * FROM hours ORDER BY hour, size LIMIT ${shownRows}`)
  account(logs, database)
}

const followerArguments = 'ddfs watch logs --tag incoming:{host}:chunk:clicks:{date} --pattern *.ndjson* --age 300ms'
const daemonArguments = 'inferno daemon -y rules'

function begin(programs, text) {
  say(`$ disco-inferno ${text} &`)
  return programs.start(text.split(' '))
}

async function restart(programs, who, child, text) {
  say(`kill -9 ${child.pid}   (${who})`)
  child.kill('SIGKILL')
  await ended(child)
  return begin(programs, text)
}

async function writeFor(logs, seconds) {
  for (let written = 0; written < seconds * 10; written++) {
    logs.write()
    await sleep(100)
  }
}

function open(path) {
  return new Database(path, {readonly: true, fileMustExist: true})
}

function query(path, sql) {
  say(`$ sqlite3 clicks.db '${sql}'`)
  const database = open(path)
  console.table(database.prepare(sql).all())
  database.close()
}

/** What the tables hold beside what the lines of the logs give. Empty: all the same. */
function difference(logs, path) {
  let database
  try {
    database = open(path)
    for (const [table, expected] of Object.entries(logs.expectedRows())) {
      const found = database.prepare(`SELECT * FROM ${table}`).all().map(rowText).sort()
      const missing = expected.findIndex((row, index) => row !== found[index])
      if (missing !== -1 || found.length !== expected.length)
        return `${table}: ${expected[missing]} is expected, ${found[missing]} is there`
    }
    return ''
  } catch (error) {
    // Before the first run has ended there are no tables.
    if (/no such table|unable to open/.test(error.message)) return error.message
    throw error
  } finally {
    database?.close()
  }
}

/** Sums of prices as SQLite has them, to the unit in which they were written. */
const rowText = ({_batch, cost, ...row}) =>
  [...Object.values(row), ...(cost === undefined ? [] : [Number(cost).toFixed(4)])].join('|')

function account(logs, path) {
  const database = open(path)
  const sumOf = sql => database.prepare(sql).pluck().get()
  const counted = {
    campaigns: sumOf('SELECT sum(impressions) FROM campaigns'),
    hours: sumOf('SELECT sum(impressions) FROM hours'),
    people: sumOf('SELECT sum(impressions) FROM people'),
  }
  const batches = sumOf('SELECT count(*) FROM inferno_batches')
  database.close()
  const well = difference(logs, path) === '' && Object.values(counted).every(count => count === logs.goodLines)
  say(
    [
      `lines written      ${logs.lines} = ${logs.goodLines} records + ${logs.lines - logs.goodLines} bad`,
      ...Object.entries(counted).map(([table, count]) => `counted ${table.padEnd(11)}${count}`),
      `batches            ${batches}`,
      well ? 'nothing lost, nothing doubled: every row is what the logs say' : 'SOMETHING IS LOST OR DOUBLED',
    ].join('\n'),
  )
  if (!well) process.exitCode = 1
}
