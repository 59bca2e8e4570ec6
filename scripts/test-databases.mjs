// `npm run test:databases`: the sinks against real servers, which it starts on loopback with temporary folders and stops again.
//
//     node scripts/test-databases.mjs [sqlite] [postgres] [mariadb] [--seed N] [--kills N]
import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {parseArgs} from 'node:util'
import {everythingOnce} from '../test/cluster/rules/everything-once.ts'
import {behaviours} from '../test/databases/behaviours.ts'
import {faults} from '../test/databases/faults.ts'
import {exactlyOnce} from '../test/databases/kills/exactly-once.ts'
import {startMariadb} from '../test/databases/servers/mariadb.ts'
import {startPostgres} from '../test/databases/servers/postgres.ts'
import {build, buildErrorText} from './build.mjs'

const starters = {sqlite: startSqlite, postgres: startPostgres, mariadb: startMariadb}
const packages = {postgres: 'postgresql', mariadb: 'mariadb-server'}
const {values, positionals} = parseArgs({
  allowPositionals: true,
  options: {
    seed: {type: 'string', default: String(Math.floor(Math.random() * 1e6))},
    kills: {type: 'string', default: '30'},
  },
})
const names = positionals.length > 0 ? positionals : Object.keys(starters)
const unknown = names.filter(name => starters[name] === undefined)
if (unknown.length > 0) {
  console.error(`no database ${unknown.join(', ')}; there are ${Object.keys(starters).join(', ')}`)
  process.exit(2)
}
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1))
const [seed, kills] = [Number(values.seed), Number(values.kills)]
try {
  console.log(await build())
} catch (error) {
  console.error(buildErrorText(error))
  process.exit(1)
}
const counts = {passed: 0, failed: 0}
for (const name of names) await testDatabase(name)
console.log(`${counts.passed} passed, ${counts.failed} failed (seed ${seed})`)
process.exitCode = counts.failed === 0 ? 0 : 1

async function testDatabase(name) {
  const server = await starters[name]()
  if (server === undefined) {
    counts.failed++
    console.log(`FAILED  ${name} is not installed: apt-get install -y ${packages[name]}`)
    return
  }
  try {
    for (const [title, behaviour] of Object.entries(behaviours)) {
      await check(`${name}: ${title}`, async () => behaviour({address: await server.newDatabase()}))
    }
    if (name !== 'sqlite') {
      for (const [title, fault] of Object.entries(faults)) {
        await check(`${name}: ${title}`, async () => fault({address: await server.newDatabase()}, server))
      }
    }
    await check(`${name}: ${kills} kills, each batch counts once`, async () => {
      const restart = server.kill && (() => server.kill().then(server.start))
      return exactlyOnce({address: await server.newDatabase(), kills, seed, restart})
    })
    await check(`${name}: ${kills} kills from the log to the rows, each line counts once`, async () => {
      const restart = server.kill && (() => server.kill().then(server.start))
      return everythingOnce({address: await server.newDatabase(), kills, seed, restart})
    })
  } finally {
    await server.close()
  }
}

async function check(title, work) {
  const started = performance.now()
  const seconds = () => `${((performance.now() - started) / 1000).toFixed(1)} s`
  try {
    const result = await work()
    counts.passed++
    const text = Object.entries(result ?? {}).map(([key, value]) => `${key} ${value}`)
    console.log(`ok      ${title} (${seconds()})${text.length > 0 ? `: ${text.join(', ')}` : ''}`)
  } catch (error) {
    counts.failed++
    console.log(`FAILED  ${title} (${seconds()}): ${error.stack}`)
    if (error.hint) console.log(`        ${error.hint}`)
    console.log(`        again: npm run test:databases -- ${title.split(':')[0]} --kills ${kills} --seed ${seed}`)
  }
}

async function startSqlite() {
  const folder = mkdtempSync(join(tmpdir(), 'inferno-sqlite-'))
  let count = 0
  return {
    newDatabase: async () => `sqlite:${join(folder, `${++count}.db`)}`,
    close: async () => rmSync(folder, {recursive: true, force: true}),
  }
}
