/** Where a run leaves things: its report until the daemon has it, its output as long as its row is kept. */
import {
  closeSync,
  constants,
  existsSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import {devNull} from 'node:os'
import {join} from 'node:path'
import {isDiskFull} from '../../storage/index.ts'
import {logBytesMax, logTailBytes} from './limits.ts'

/** In `runs` of the state folder, named by the number of the run. Nothing is made before `make`. */
export class RunFiles {
  readonly #folder: string

  constructor(stateFolder: string) {
    this.#folder = join(stateFolder, 'runs')
  }

  make(): void {
    mkdirSync(this.#folder, {recursive: true, mode: 0o700})
  }

  reportPath(run: number): string {
    return join(this.#folder, `${run}.json`)
  }

  logPath(run: number): string {
    return join(this.#folder, `${run}.log`)
  }

  /** For output at its end, whatever happens to the begin; nowhere when the disk has no room for a new file. The caller closes it. */
  openLog(run: number): number {
    try {
      return openSync(this.logPath(run), constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND, 0o600)
    } catch (error) {
      // A run without its words is better than none.
      if (isDiskFull(error)) return openSync(devNull, constants.O_WRONLY)
      throw error
    }
  }

  /** Keeps the end of an output that has grown too long. Who writes it goes on behind that. */
  capLog(run: number): void {
    const path = this.logPath(run)
    if (!existsSync(path) || statSync(path).size <= 2 * logBytesMax) return
    const end = readEnd(path, logBytesMax)
    const descriptor = openSync(path, constants.O_WRONLY | constants.O_APPEND)
    try {
      ftruncateSync(descriptor, 0)
      writeSync(descriptor, `… what came before was dropped\n${end.replace(/^[^\n]*\n/, '')}`)
    } finally {
      closeSync(descriptor)
    }
  }

  /** The last lines; empty when nothing was written. */
  logTail(run: number): string {
    const path = this.logPath(run)
    return existsSync(path) ? readEnd(path, logTailBytes).trim() : ''
  }

  dropReport(run: number): void {
    rmSync(this.reportPath(run), {force: true})
  }

  dropLog(run: number): void {
    rmSync(this.logPath(run), {force: true})
  }

  /** Numbers of runs that left something. */
  list(): number[] {
    return readdirSync(this.#folder)
      .map(name => Number.parseInt(name, 10))
      .filter(run => Number.isInteger(run))
  }
}

function readEnd(path: string, bytesMax: number): string {
  const descriptor = openSync(path, 'r')
  try {
    const {size} = statSync(path)
    const bytes = Buffer.alloc(Math.min(size, bytesMax))
    const count = readSync(descriptor, bytes, 0, bytes.length, size - bytes.length)
    return bytes.toString('utf8', 0, count)
  } finally {
    closeSync(descriptor)
  }
}
