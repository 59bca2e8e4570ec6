// The second half of `npm run demo`: logs on three nodes, one of which is killed. Everything on this machine, in a temporary
// folder, stopped and removed at the end.
import {execFileSync, spawn} from 'node:child_process'
import {createHash} from 'node:crypto'
import {createReadStream, mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'

const tool = join(import.meta.dirname, '../bin/run.js')
const nodeCount = 3
/** What a thing may take before the demo gives up. Milliseconds. */
const patienceMs = 30_000

/** @param {string} data - a file of log lines */
export async function demoCluster(data) {
  const home = mkdtempSync(join(tmpdir(), 'disco-demo-'))
  const running = new Set()
  try {
    await show(home, running, data)
  } finally {
    for (const child of running) child.kill('SIGTERM')
    await Promise.all([...running].map(ended))
    rmSync(home, {recursive: true, force: true})
  }
}

async function show(home, running, data) {
  const env = {...process.env, DISCO_HOME: home, DISCO_LOG_LEVEL: 'error'}
  say('A master and three agents, each a process with a folder of its own:')
  const master = start(running, env, ['disco', 'master', '--port', '0'])
  env.DISCO_MASTER = await addressOf(master)
  // Seconds instead of half a minute: nobody wants to wait in a demo.
  for (const [name, value] of [
    ['heartbeat', '200ms'],
    ['lostAfter', '1s'],
  ])
    quietly(env, ['disco', 'config', 'set', name, value])
  const join_ = env.DISCO_MASTER.replace('http', 'ws')
  const agents = Array.from({length: nodeCount}, (_, index) =>
    start(running, env, [
      'disco',
      'agent',
      '--join',
      join_,
      '--port',
      '0',
      '--name',
      `web${index + 1}`,
      '--reserve',
      '100MB',
    ]),
  )
  await until('three nodes are up', () => nodes(env).filter(node => node.state === 'up').length === nodeCount)

  tell(env, ['ddfs', 'chunk', 'demo:clicks', data, '--replicas', '2'])
  tell(env, ['ddfs', 'ls', '-l'])
  tell(env, ['disco', 'nodes'])

  say(`kill -9 ${agents[0].pid}   (web1)`)
  agents[0].kill('SIGKILL')
  await ended(agents[0])
  const [before, after] = await Promise.all([hashOfFile(data), hashOfTag(env)])
  say(`ddfs xcat demo:clicks: ${before === after ? 'every byte is there' : 'BYTES ARE MISSING'}`)
  if (before !== after) process.exitCode = 1

  await until('web1 is given up', () => nodes(env).some(node => node.name === 'web1' && node.state === 'lost'))
  const started = performance.now()
  await until('repair is done', () => {
    const {repair} = json(env, ['disco', 'status', '--json']).maintenance
    return repair.underReplicatedCount === 0 && repair.inFlightCount === 0
  })
  say(`Repaired ${((performance.now() - started) / 1000).toFixed(1)} s after the node was given up:`)
  tell(env, ['disco', 'nodes'])
  tell(env, ['ddfs', 'fsck'])
}

function start(running, env, args) {
  const child = spawn(process.execPath, [tool, ...args], {env, stdio: ['ignore', 'ignore', 'pipe']})
  child.stderr.setEncoding('utf8')
  running.add(child)
  child.once('exit', () => running.delete(child))
  return child
}

async function addressOf(child) {
  let text = ''
  for await (const part of child.stderr) {
    text += part
    const found = /http:\/\/\S+/.exec(text)
    if (found !== null) {
      child.stderr.resume()
      return found[0].replace(/[;,.]$/, '')
    }
  }
  throw new Error(`the master did not start: ${text}`)
}

const say = text => console.error(`\n${text}`)

function tell(env, args) {
  say(`$ disco-inferno ${args.join(' ')}`)
  execFileSync(process.execPath, [tool, ...args], {env, stdio: ['ignore', 'inherit', 'inherit']})
}

const quietly = (env, args) => execFileSync(process.execPath, [tool, ...args], {env, stdio: 'ignore'})

/** The exit status tells whether all is well; here the text is what counts. */
function json(env, args) {
  try {
    return JSON.parse(
      execFileSync(process.execPath, [tool, ...args], {env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore']}),
    )
  } catch (error) {
    if (error.stdout) return JSON.parse(error.stdout)
    throw error
  }
}

const nodes = env => json(env, ['disco', 'nodes', '--json'])

async function until(what, isSo) {
  const endsMs = performance.now() + patienceMs
  while (!isSo()) {
    if (performance.now() > endsMs) throw new Error(`waited ${patienceMs / 1000} s and it is still not so: ${what}`)
    await sleep(100)
  }
}

async function hashOfFile(path) {
  const hash = createHash('sha256')
  for await (const part of createReadStream(path)) hash.update(part)
  return hash.digest('hex')
}

async function hashOfTag(env) {
  const child = spawn(process.execPath, [tool, 'ddfs', 'xcat', 'demo:clicks'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const hash = createHash('sha256')
  for await (const part of child.stdout) hash.update(part)
  return hash.digest('hex')
}

const ended = child =>
  child.exitCode !== null || child.signalCode !== null ? undefined : new Promise(resolve => child.once('exit', resolve))
