/** The engine's process, with limits of memory and time: started when it is needed, killed to end a query. */
import {type ChildProcess, spawn} from 'node:child_process'
import {join} from 'node:path'
import type {EngineAnswer, EngineQuery} from './engine-process.ts'

/** Node.js and ClickHouse reserve much more than they use. */
const addressKib = 12_000_000
/** A front serves one test; a process that outlives it is in nobody's interest. */
const seconds = 120

export class Engine {
  readonly #folder: string
  #process: Promise<ChildProcess> | undefined
  readonly #waiting = new Map<number, (answer: EngineAnswer) => void>()
  #count = 0

  /** @param folder - of its tables: they outlive a killed process */
  constructor(folder: string) {
    this.#folder = folder
  }

  async ask(query: Omit<EngineQuery, 'number'>): Promise<EngineAnswer> {
    this.#process ??= this.#start()
    const child = await this.#process
    const number = ++this.#count
    const answer = new Promise<EngineAnswer>(resolve => this.#waiting.set(number, resolve))
    child.send({number, ...query} satisfies EngineQuery)
    return answer
  }

  /** What runs ends as a query that was killed. */
  async kill(): Promise<void> {
    const child = await this.#process
    this.#process = undefined
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise(resolve => child.once('exit', resolve))
    child.kill('SIGKILL')
    await ended
  }

  #start(): Promise<ChildProcess> {
    const script = `ulimit -c 0 -v ${addressKib} && exec "$@"`
    const program = [process.execPath, join(import.meta.dirname, 'engine-process.ts'), this.#folder]
    const child = spawn('bash', ['-c', script, 'bash', ...program], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      timeout: seconds * 1000,
      killSignal: 'SIGKILL',
    })
    let said = ''
    child.stderr?.on('data', (piece: Buffer) => {
      said = (said + String(piece)).slice(-2000)
    })
    child.once('exit', () => {
      for (const [number, resolve] of this.#waiting) {
        resolve({
          number,
          code: 394,
          message: `Code: 394. DB::Exception: Query was cancelled. (QUERY_WAS_CANCELLED) ${said}`,
        })
      }
      this.#waiting.clear()
    })
    return new Promise((resolve, reject) => {
      child.once('exit', code => reject(new Error(`the engine ended with ${code} before it was ready: ${said}`)))
      child.on('message', (answer: EngineAnswer) => {
        if (answer.number === 0) resolve(child)
        this.#waiting.get(answer.number)?.(answer)
        this.#waiting.delete(answer.number)
      })
    })
  }
}
