/** A project with a cluster of its own: home folder, free port, stopped at the end. */
import {spawn, spawnSync} from 'node:child_process'
import {readFileSync} from 'node:fs'
import {ClusterClient, findCluster} from '../../src/client/index.ts'
import {Project, type Running, type RunOptions, running} from './inferno-project.ts'
import {launcher, type Outcome} from './launcher-run.ts'

/** What a call may take before the test has failed. Milliseconds. */
const callMs = 50_000

export class DiscoProject extends Project {
  readonly discoHome = this.path('.cluster')

  override env(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
    return super.env({DISCO_HOME: this.discoHome, ...more})
  }

  /** Starts a cluster in the background. */
  startCluster(...args: readonly string[]): void {
    const {exitCode, stderr} = this.disco(['start', '--detach', '--port', '0', ...args])
    if (exitCode !== 0) throw new Error(`the cluster did not start: ${stderr}`)
  }

  /** A client in this process: for what a test needs but does not test. */
  client(): ClusterClient {
    return new ClusterClient(findCluster({home: this.discoHome}))
  }

  get pid(): number {
    return (JSON.parse(readFileSync(`${this.discoHome}/address.json`, 'utf8')) as {pid: number}).pid
  }

  disco(args: readonly string[], options?: RunOptions): Outcome {
    return this.#call(['disco', ...args], options)
  }

  ddfs(args: readonly string[], options?: RunOptions): Outcome {
    return this.#call(['ddfs', ...args], options)
  }

  /** Starts the program, with its topic, and goes on. */
  startTool(args: readonly string[], {env}: RunOptions = {}): Running {
    const child = spawn(process.execPath, [launcher, ...args], {
      cwd: this.dir,
      env: this.env(env),
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    return running(child)
  }

  /** The same, as JSON. */
  json(args: readonly string[], options?: RunOptions): unknown {
    const {exitCode, stdout, stderr} = this.#call([...args, '--json'], options)
    if (exitCode !== 0) throw new Error(`${args.join(' ')} ended with ${exitCode}: ${stdout}${stderr}`)
    return JSON.parse(stdout)
  }

  /** A line of bash in which `ddfs`, `disco` and `inferno` are the program. */
  override shell(line: string, {env}: RunOptions = {}): Outcome {
    const names = ['ddfs', 'disco', 'inferno']
    const functions = names.map(name => `${name}() { "$node" "$tool" ${name} "$@"; }\n`).join('')
    const result = spawnSync('bash', ['-o', 'pipefail', '-c', functions + line], {
      cwd: this.dir,
      env: this.env(env),
      input: '',
      encoding: 'utf8',
      timeout: callMs,
    })
    return {exitCode: result.status, stdout: result.stdout, stderr: result.stderr}
  }

  /** Stops the cluster and says what is left of it. */
  async stopCluster(): Promise<string[]> {
    const {exitCode, stderr} = this.disco(['stop'])
    return [...(exitCode === 0 ? [] : [stderr]), ...this.leftovers(), ...processesOf(this.discoHome)]
  }

  #call(args: readonly string[], {env, input = '', cwd = this.dir}: RunOptions = {}): Outcome {
    const result = spawnSync(process.execPath, [launcher, ...args], {
      cwd,
      env: this.env(env),
      input,
      encoding: 'utf8',
      maxBuffer: 256 * 1024 * 1024,
      timeout: callMs,
    })
    return {exitCode: result.status, stdout: result.stdout, stderr: result.stderr}
  }
}

/** Processes that name a folder in their command line. */
function processesOf(folder: string): string[] {
  const {stdout} = spawnSync('ps', ['-eo', 'pid=,args='], {encoding: 'utf8'})
  return stdout.split('\n').filter(line => line.includes(folder))
}
