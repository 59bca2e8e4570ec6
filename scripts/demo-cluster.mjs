// The second part of `npm run demo`: logs on three nodes, one of which is killed. Everything on this machine, in a temporary
// folder, stopped and removed at the end.
import {createHash} from 'node:crypto'
import {createReadStream, mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {ended, Programs, say, until} from './demo-programs.mjs'

/** @param {string} data - a file of log lines */
export async function demoCluster(data) {
  const home = mkdtempSync(join(tmpdir(), 'disco-demo-'))
  const env = {...process.env, DISCO_HOME: home, DISCO_LOG_LEVEL: 'error'}
  const programs = new Programs({cwd: process.cwd(), env})
  try {
    await show(programs, data)
  } finally {
    await programs.end()
    rmSync(home, {recursive: true, force: true})
  }
}

async function show(programs, data) {
  say('A master and three agents, each a process with a folder of its own:')
  const agents = await programs.startCluster(3)

  programs.tell(['ddfs', 'chunk', 'demo:clicks', data, '--replicas', '2'])
  programs.tell(['ddfs', 'ls', '-l'])
  programs.tell(['disco', 'nodes'])

  say(`kill -9 ${agents[0].pid}   (web1)`)
  agents[0].kill('SIGKILL')
  await ended(agents[0])
  const [before, after] = await Promise.all([
    hashOf(createReadStream(data)),
    hashOf(programs.read(['ddfs', 'xcat', 'demo:clicks'])),
  ])
  say(`ddfs xcat demo:clicks: ${before === after ? 'every byte is there' : 'BYTES ARE MISSING'}`)
  if (before !== after) process.exitCode = 1

  await until('web1 is given up', () => programs.nodes().some(node => node.name === 'web1' && node.state === 'lost'))
  const started = performance.now()
  await until('repair is done', () => {
    const {repair} = programs.json(['disco', 'status', '--json']).maintenance
    return repair.underReplicatedCount === 0 && repair.inFlightCount === 0
  })
  say(`Repaired ${((performance.now() - started) / 1000).toFixed(1)} s after the node was given up:`)
  programs.tell(['disco', 'nodes'])
  programs.tell(['ddfs', 'fsck'])
}

async function hashOf(stream) {
  const hash = createHash('sha256')
  for await (const part of stream) hash.update(part)
  return hash.digest('hex')
}
