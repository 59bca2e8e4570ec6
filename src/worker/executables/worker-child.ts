/** A worker as a process: started in its folder, as a group of its own, with pipes that are read to the end or given up. */
import {type ChildProcessByStdio, spawn} from 'node:child_process'
import {setPriority} from 'node:os'
import {join} from 'node:path'
import type {Readable, Writable} from 'node:stream'
import {assert} from '../../base/index.ts'
import {MessageParser, messageNames, type Parsed} from '../../protocol/index.ts'
import {cpuSecondsOf, limited} from '../jobs/process/confined.ts'
import {environmentFor, identityOf} from '../task-user.ts'
import {drainMs} from './limits.ts'
import {killGroup, measuredUse, type ProcessUse, workerEnvironment} from './processes.ts'
import {caPathOf, ownFolderName} from './run-folder.ts'
import type {WorkerRunSpec} from './run-spec.ts'

interface Stream {
  readonly readable: Readable
  readonly parser: MessageParser
}

export interface ChildEvents {
  /** Bytes came. They are pushed to the parser by who gets them, as long as it understands them. */
  onData(stream: Stream, chunk: Buffer): void
  /** The pipe to the worker has room again. */
  onDrain(): void
  /** @param how - `exit code: 3`, `ended by SIGKILL` */
  onExit(how: string): void
  onCannotStart(error: unknown): void
}

/** Events come from the next turn on. Its end is `kill` or an exit of its own, then `readToEnd`, the last `next`, and `close`. */
export class WorkerChild {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>
  /** What it says on standard error, and on standard output. */
  readonly #streams: readonly Stream[]

  /** @throws what starting throws at once; what comes later is told to `onCannotStart` */
  constructor({folder, worker, envs, ca, user, limits}: WorkerRunSpec, events: ChildEvents) {
    const path = join(folder, worker)
    const [program, ...args] = user === undefined ? [path] : limited([path], cpuSecondsOf(limits.taskSeconds), user)
    const child = spawn(program ?? path, args, {
      cwd: folder,
      ...identityOf(user),
      env: workerEnvironment(environmentFor(process.env, user), envs, {
        temporary: join(folder, ownFolderName, 'tmp'),
        ca: ca === undefined ? undefined : caPathOf(folder),
      }),
      stdio: ['pipe', 'pipe', 'pipe'],
      // A group of its own: what the worker starts is ended with it.
      detached: true,
    })
    this.#child = child
    child.on('error', error => events.onCannotStart(error))
    child.on('exit', (code, signal) => {
      killGroup(child.pid)
      events.onExit(signal === null ? `exit code: ${code}` : `ended by ${signal}`)
    })
    // Of a worker that does not read any more its exit says more.
    child.stdin.on('error', () => undefined)
    child.stdin.on('drain', () => events.onDrain())
    this.#streams = [child.stderr, child.stdout].map(readable => ({
      readable,
      parser: new MessageParser({names: messageNames, isMostlyText: readable === child.stdout}),
    }))
    for (const stream of this.#streams) stream.readable.on('data', (chunk: Buffer) => events.onData(stream, chunk))
    if (child.pid !== undefined) lowerPriority(child.pid)
  }

  /** The next whole thing that it said. */
  next(): Parsed | undefined {
    for (const {parser} of this.#streams) {
      const parsed = parser.next()
      if (parsed !== undefined) return parsed
    }
    return undefined
  }

  /** A message has begun, and is not whole. */
  get isPartial(): boolean {
    return this.#streams.some(({parser}) => parser.isPartial)
  }

  get use(): ProcessUse {
    return measuredUse(this.#child.pid)
  }

  /** Bytes of answers that it has not read. */
  get unreadBytes(): number {
    return this.#child.stdin.writableLength
  }

  reply(bytes: Buffer): void {
    if (this.#child.stdin.writable) this.#child.stdin.write(bytes)
  }

  resume(): void {
    for (const {readable} of this.#streams) readable.resume()
  }

  kill(): void {
    killGroup(this.#child.pid)
  }

  /** What is in the pipes of an ended worker is read; what is half is text then. */
  async readToEnd(): Promise<void> {
    await drained(this.#streams)
    for (const {parser} of this.#streams) parser.end()
  }

  close(): void {
    for (const {readable} of this.#streams) readable.destroy()
    this.#child.stdin.destroy()
  }
}

/** All bytes of ended pipes were read, or whoever holds them open has had his time. */
async function drained(streams: readonly Stream[]): Promise<void> {
  const ends = streams.map(
    ({readable}) =>
      new Promise<void>(resolve => {
        if (readable.readableEnded || readable.destroyed) resolve()
        else for (const event of ['end', 'close', 'error']) readable.once(event, () => resolve())
        readable.resume()
      }),
  )
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<void>(resolve => {
    timer = setTimeout(resolve, drainMs)
  })
  await Promise.race([Promise.all(ends), limit])
  clearTimeout(timer)
}

/** As Disco does (nice 19): the node's own work goes first. */
function lowerPriority(pid: number): void {
  try {
    setPriority(pid, 19)
  } catch (error) {
    // It has ended already.
    assert(error instanceof Error, 'the system throws errors')
  }
}
