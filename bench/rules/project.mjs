/** A folder of rules beside a cluster, and programs that are run in it. */
import {execFileSync, spawn} from 'node:child_process'
import {closeSync, mkdirSync, openSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'

const root = join(import.meta.dirname, '../..')
const node = join(root, 'node_modules/.bin/node')
const tool = join(root, 'bin/run.js')

export class Project {
  /** @param {{env: Record<string, string>}} cluster */
  constructor(folder, cluster) {
    this.folder = folder
    // Whatever a person has set for their own rules.
    this.env = Object.fromEntries(Object.entries(cluster.env).filter(([name]) => !name.startsWith('DISCO_INFERNO_')))
    mkdirSync(join(folder, 'rules'), {recursive: true})
  }

  path(name) {
    return join(this.folder, name)
  }

  write(name, text) {
    writeFileSync(this.path(name), text)
  }

  read(name) {
    return readFileSync(this.path(name), 'utf8')
  }

  /** Milliseconds of a whole process whose standard output goes to a file. */
  time(args, out = 'out') {
    const output = openSync(this.path(out), 'w')
    const started = performance.now()
    execFileSync(node, [tool, ...args], {cwd: this.folder, env: this.env, stdio: ['ignore', output, 'pipe']})
    const ms = performance.now() - started
    closeSync(output)
    return ms
  }

  /** Goes on in the background; what it says stands in a file. */
  start(args, log) {
    const output = openSync(this.path(log), 'a')
    const child = spawn(node, [tool, ...args], {cwd: this.folder, env: this.env, stdio: ['ignore', output, output]})
    closeSync(output)
    return child
  }
}

/** Asks a program in the background to end, and waits for it. */
export async function stop(child) {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise(resolve => child.once('exit', resolve))
  child.kill('SIGTERM')
  await ended
}

export const median = list => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)]
