/** What the parts of the demo share: starting programs in the background, telling what is run, waiting. */
import {execFileSync, spawn} from 'node:child_process'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'

const tool = join(import.meta.dirname, '../bin/run.js')
/** What a thing may take before the demo gives up. Milliseconds. */
const patienceMs = 30_000
/** Kept of what a program in the background says: the reason why it ended. Characters. */
const wordsMax = 4000

/** Programs that go on in the background, in one folder and with one environment. */
export class Programs {
  /** @param {{cwd: string, env: Record<string, string>}} options - `env` may change until a program is started */
  constructor({cwd, env}) {
    this.cwd = cwd
    this.env = env
    this.running = new Set()
  }

  /** @returns the process; what it says stands in its `words`, the end of it */
  start(args) {
    const child = spawn(process.execPath, [tool, ...args], {
      cwd: this.cwd,
      env: this.env,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    child.words = ''
    child.stderr.setEncoding('utf8').on('data', text => {
      child.words = (child.words + text).slice(-wordsMax)
    })
    this.running.add(child)
    child.once('exit', () => this.running.delete(child))
    return child
  }

  /** A master and agents called web1, web2 …, whose failure is seen within seconds. @returns the agents */
  async startCluster(nodeCount) {
    const master = this.start(['disco', 'master', '--port', '0'])
    this.env.DISCO_MASTER = await addressOf(master)
    // Seconds instead of half a minute: nobody wants to wait in a demo.
    for (const [name, value] of [
      ['heartbeat', '200ms'],
      ['lostAfter', '1s'],
    ])
      this.quietly(['disco', 'config', 'set', name, value])
    const address = this.env.DISCO_MASTER.replace('http', 'ws')
    const agents = Array.from({length: nodeCount}, (_, index) => {
      const name = `web${index + 1}`
      return this.start(['disco', 'agent', '--join', address, '--port', '0', '--name', name, '--reserve', '100MB'])
    })
    const areUp = () => this.nodes().filter(node => node.state === 'up').length === nodeCount
    await until(`${nodeCount} nodes are up`, areUp)
    return agents
  }

  nodes() {
    return this.json(['disco', 'nodes', '--json'])
  }

  /** Runs a command to its end before everybody's eyes. */
  tell(args) {
    say(`$ disco-inferno ${args.join(' ')}`)
    execFileSync(process.execPath, [tool, ...args], this.#options(['ignore', 'inherit', 'inherit']))
  }

  quietly(args) {
    execFileSync(process.execPath, [tool, ...args], this.#options('ignore'))
  }

  /** The exit status tells whether all is well; here the text is what counts. */
  json(args) {
    try {
      const options = {...this.#options(['ignore', 'pipe', 'ignore']), encoding: 'utf8'}
      return JSON.parse(execFileSync(process.execPath, [tool, ...args], options))
    } catch (error) {
      if (error.stdout) return JSON.parse(error.stdout)
      throw error
    }
  }

  /** Standard output of a command, as it comes. */
  read(args) {
    return spawn(process.execPath, [tool, ...args], this.#options(['ignore', 'pipe', 'inherit'])).stdout
  }

  async end() {
    for (const child of this.running) child.kill('SIGTERM')
    await Promise.all([...this.running].map(ended))
  }

  #options(stdio) {
    return {cwd: this.cwd, env: this.env, stdio}
  }
}

export const say = text => console.error(`\n${text}`)

export const ended = child =>
  child.exitCode !== null || child.signalCode !== null ? undefined : new Promise(resolve => child.once('exit', resolve))

export async function until(what, isSo) {
  const endsMs = performance.now() + patienceMs
  while (!(await isSo())) {
    if (performance.now() > endsMs) throw new Error(`waited ${patienceMs / 1000} s and it is still not so: ${what}`)
    await sleep(100)
  }
}

async function addressOf(child) {
  await until('the master is there', () => {
    if (child.exitCode !== null) throw new Error(`the master did not start: ${child.words}`)
    return /http:\/\/\S+/.test(child.words)
  })
  return /http:\/\/\S+/.exec(child.words)[0].replace(/[;,.]$/, '')
}
