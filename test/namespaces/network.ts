/** Machines as network namespaces: each has an interface of its own, and a cable to a switch that can be pulled. */
import {type ChildProcess, execFileSync, spawn, spawnSync} from 'node:child_process'

export interface Outcome {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

const ip = (...words: string[]): string => execFileSync('ip', words, {encoding: 'utf8'})

/** Why there can be no such network here; undefined: there can. */
export function missingForNetwork(): string | undefined {
  if (process.platform !== 'linux') return 'network namespaces need Linux'
  if (process.getuid?.() !== 0) return 'network namespaces need root'
  for (const tool of ['ip', 'openssl']) {
    if (spawnSync(tool, ['version']).error !== undefined) return `there is no "${tool}" here`
  }
  const name = `${prefix}-try`
  const {status, stderr} = spawnSync('ip', ['netns', 'add', name], {encoding: 'utf8'})
  if (status !== 0) return `no network namespace can be made: ${stderr.trim()}`
  ip('netns', 'del', name)
  return undefined
}

/** Names are of the whole machine. */
const prefix = `dit${process.pid}`
const switchName = `${prefix}-sw`

export class Network {
  readonly machines: Machine[] = []

  constructor(count: number) {
    ip('netns', 'add', switchName)
    ip('-n', switchName, 'link', 'add', 'bridge0', 'type', 'bridge')
    ip('-n', switchName, 'link', 'set', 'bridge0', 'up')
    for (let number = 1; number <= count; number++) this.machines.push(new Machine(number))
  }

  /** Ends what runs on the machines. */
  close(): void {
    for (const machine of this.machines) machine.close()
    ip('netns', 'del', switchName)
  }
}

export class Machine {
  readonly name: string
  readonly address: string
  readonly #namespace: string
  /** The end of its cable in the switch. */
  readonly #plug: string
  readonly #children = new Set<ChildProcess>()

  constructor(number: number) {
    this.name = `m${number}`
    this.address = `10.77.0.${number}`
    this.#namespace = `${prefix}-${number}`
    this.#plug = `plug${number}`
    ip('netns', 'add', this.#namespace)
    ip('-n', switchName, 'link', 'add', this.#plug, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', this.#namespace)
    ip('-n', switchName, 'link', 'set', this.#plug, 'master', 'bridge0', 'up')
    ip('-n', this.#namespace, 'address', 'add', `${this.address}/24`, 'dev', 'eth0')
    ip('-n', this.#namespace, 'link', 'set', 'eth0', 'up')
    ip('-n', this.#namespace, 'link', 'set', 'lo', 'up')
  }

  cut(): void {
    ip('-n', switchName, 'link', 'set', this.#plug, 'down')
  }

  heal(): void {
    ip('-n', switchName, 'link', 'set', this.#plug, 'up')
  }

  run(words: readonly string[], options: {readonly cwd: string; readonly env: NodeJS.ProcessEnv}): Outcome {
    const all = ['netns', 'exec', this.#namespace, ...words]
    const {status, stdout, stderr} = spawnSync('ip', all, {...options, encoding: 'utf8', timeout: 60_000})
    return {exitCode: status, stdout, stderr}
  }

  /** Starts a program that stays. What it says on standard error is collected. */
  start(words: readonly string[], options: {readonly cwd: string; readonly env: NodeJS.ProcessEnv}): Started {
    const child = spawn('ip', ['netns', 'exec', this.#namespace, ...words], {
      ...options,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    this.#children.add(child)
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
    const ended = new Promise<number | null>(resolve =>
      child.once('exit', code => {
        this.#children.delete(child)
        resolve(code)
      }),
    )
    return {
      said: () => said,
      end: () => {
        // `ip netns exec` becomes the program: it has its process id.
        child.kill('SIGTERM')
        return ended
      },
    }
  }

  close(): void {
    for (const child of this.#children) child.kill('SIGKILL')
    ip('netns', 'del', this.#namespace)
  }
}

export interface Started {
  readonly said: () => string
  /** @returns its exit status */
  readonly end: () => Promise<number | null>
}
