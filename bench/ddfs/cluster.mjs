/** A cluster in a folder of its own, started and stopped by the built program. */
import {spawnSync} from 'node:child_process'
import {readFileSync, rmSync} from 'node:fs'
import {join} from 'node:path'

const root = join(import.meta.dirname, '../..')
const node = join(root, 'node_modules/.bin/node')
const tool = join(root, 'bin/run.js')

export class Cluster {
  constructor(home, url) {
    this.home = home
    this.url = url
    this.token = JSON.parse(readFileSync(join(home, 'tokens.json'), 'utf8')).admin
  }

  static async start(home, args) {
    const {status, stdout, stderr} = spawnSync(node, [tool, 'disco', 'start', '--detach', '--port', '0', ...args], {
      env: {...process.env, DISCO_HOME: home, DISCO_MASTER: ''},
      encoding: 'utf8',
    })
    if (status !== 0) throw new Error(stderr)
    return new Cluster(home, stdout.trim())
  }

  get env() {
    return {...process.env, DISCO_HOME: this.home, DISCO_MASTER: this.url}
  }

  /** Milliseconds of a command as a whole process. */
  time(args) {
    const started = performance.now()
    const {status, stderr} = spawnSync(node, [tool, ...args], {env: this.env, stdio: ['ignore', 'ignore', 'pipe']})
    if (status !== 0) throw new Error(`${args.join(' ')}: ${stderr}`)
    return performance.now() - started
  }

  /** Waits for so many nodes to be up. */
  async until(count) {
    for (let tries = 0; tries < 100; tries++) {
      if (this.nodes().filter(({state}) => state === 'up').length >= count) return
      await new Promise(resolve => setTimeout(resolve, 100))
    }
    throw new Error(`${count} nodes did not come up`)
  }

  nodes() {
    const {stdout} = spawnSync(node, [tool, 'disco', 'nodes', '--json'], {env: this.env, encoding: 'utf8'})
    return JSON.parse(stdout)
  }

  /** Resident memory of the largest agent. */
  agentMemoryMb() {
    const kb = this.nodes().map(({pid}) =>
      Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]),
    )
    return (Math.max(...kb) * 1024) / 1e6
  }

  /** Its folder goes, too. */
  stop() {
    spawnSync(node, [tool, 'disco', 'stop'], {env: this.env})
    rmSync(this.home, {recursive: true, force: true})
  }
}
