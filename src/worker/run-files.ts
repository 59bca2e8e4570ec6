/** Sorted runs on disk: blocks with their length in front, in a temporary folder that goes away with the run. */
import {closeSync, mkdtempSync, openSync, rmdirSync, rmSync, writeSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {assert, errorCodeOf, messageOf, UserError} from '../base/index.ts'
import {type CodedRun, type RunSource, writeRecordsOf} from '../engine/index.ts'
import {type BlockIndex, BlockIndexWriter} from './block-index.ts'
import {readWhole} from './read-whole.ts'

/** A finished run: on disk, or held in memory because it is small. */
export type Run = {
  readonly bytes: number
  /** Of a run of groups that was kept with one. */
  readonly index: BlockIndex | undefined
} & (
  | {
      readonly kind: 'file'
      readonly path: string
      /** Of a run that shares its file with others: bytes from..end-1, with the lengths of blocks. Left out: the whole file. */
      readonly span?: {readonly from: number; readonly end: number}
    }
  | {readonly kind: 'memory'; readonly blocks: readonly Uint8Array[]}
  /** Also in memory; read as records it takes a multiple of the time. */
  | {readonly kind: 'coded'; readonly run: CodedRun}
)

/** Bytes of the length in front of each block in a file. */
export const runLengthBytes = 4

export interface KeepOptions {
  /** It is a run of groups, and may be read in pieces. */
  readonly isIndexed?: boolean
  /** Blocks in memory are for other threads too. */
  readonly isShared?: boolean
}

const folders = new Set<string>()
let isCleanerInstalled = false

/** A new temporary folder; removed by `removeRunFolder`, or when the process ends in whatever way it still can. */
export function makeRunFolder(): string {
  let folder: string
  try {
    folder = mkdtempSync(join(tmpdir(), 'disco-inferno-'))
  } catch (error) {
    throw spillError(tmpdir(), error)
  }
  if (!isCleanerInstalled) {
    isCleanerInstalled = true
    process.on('exit', () => {
      for (const left of folders) rmSync(left, {recursive: true, force: true})
    })
  }
  folders.add(folder)
  return folder
}

/** With all that is in it. Also for one that is gone already. */
export function removeRunFolder(folder: string): void {
  try {
    // Mostly it is empty; looking for what there is to remove takes up to three milliseconds.
    rmdirSync(folder)
  } catch (error) {
    assert(error instanceof Error, 'the system throws errors')
    rmSync(folder, {recursive: true, force: true})
  }
  folders.delete(folder)
}

/**
 * Keeps a sorted run.
 *
 * @param memoryBytesMax - a run up to this size stays in memory, a larger one goes to the file `path`
 * @param write - hands over all blocks; each is valid during the call only
 * @throws UserError SPILL_FAILED, and what `write` throws; the file is closed then
 */
export function keepRun(
  path: string,
  memoryBytesMax: number,
  write: (sink: (block: Uint8Array) => void) => void,
  options: KeepOptions = {},
): Run {
  const writer = new RunWriter(path, memoryBytesMax, options)
  try {
    write(block => writer.write(block))
    return writer.finish()
  } finally {
    writer.close()
  }
}

/** Collects blocks in memory and moves to a file when there are more than `memoryBytesMax` of them. */
class RunWriter {
  readonly #path: string
  readonly #memoryBytesMax: number
  readonly #isShared: boolean
  readonly #index: BlockIndexWriter | undefined
  #blocks: Uint8Array[] = []
  #bytes = 0
  #file: number | undefined

  constructor(path: string, memoryBytesMax: number, {isIndexed, isShared}: KeepOptions) {
    this.#path = path
    this.#isShared = isShared ?? false
    this.#index = isIndexed ? new BlockIndexWriter() : undefined
    this.#memoryBytesMax = memoryBytesMax
  }

  write(block: Uint8Array): void {
    this.#bytes += block.byteLength
    this.#index?.add(block)
    if (this.#file === undefined && this.#bytes <= this.#memoryBytesMax) {
      this.#blocks.push(this.#isShared ? sharedCopy(block) : block.slice())
      return
    }
    try {
      if (this.#file === undefined) {
        this.#file = openSync(this.#path, 'w', 0o600)
        for (const held of this.#blocks) this.#append(held)
        this.#blocks = []
      }
      this.#append(block)
    } catch (error) {
      throw spillError(this.#path, error)
    }
  }

  finish(): Run {
    const index = this.#index?.finish()
    if (this.#file === undefined) return {kind: 'memory', blocks: this.#blocks, bytes: this.#bytes, index}
    try {
      this.close()
    } catch (error) {
      throw spillError(this.#path, error)
    }
    return {kind: 'file', path: this.#path, bytes: this.#bytes, index}
  }

  close(): void {
    const file = this.#file
    this.#file = undefined
    if (file !== undefined) closeSync(file)
  }

  #append(block: Uint8Array): void {
    assert(this.#file !== undefined, 'a run file is open while it is written')
    const length = new Uint8Array(new Uint32Array([block.byteLength]).buffer)
    writeWhole(this.#file, length)
    writeWhole(this.#file, block)
  }
}

function sharedCopy(block: Uint8Array): Uint8Array {
  const copy = new Uint8Array(new SharedArrayBuffer(block.byteLength))
  copy.set(block)
  return copy
}

function writeWhole(file: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.byteLength; ) done += writeSync(file, bytes, done)
}

/** A coded run as one of records, in memory that threads share; others are what they are. */
export function asRecords(run: Run): Run {
  if (run.kind !== 'coded') return run
  const options = {isIndexed: true, isShared: true}
  return keepRun('', Number.POSITIVE_INFINITY, write => writeRecordsOf(run.run, write), options)
}

/** Reads a run back, block by block, each good until the next one. Closes its file at the end; `close` ends it early. */
export function openRun(run: Run): RunSource & {close(): void} {
  if (run.kind === 'coded') {
    const coded = run.run
    return openRun(keepRun('', Number.POSITIVE_INFINITY, write => writeRecordsOf(coded, write)))
  }
  if (run.kind === 'memory') {
    let index = 0
    return {read: () => run.blocks[index++], close: () => undefined}
  }
  let file: number | undefined = openForReading(run.path)
  const close = (): void => {
    if (file !== undefined) closeSync(file)
    file = undefined
  }
  const length = new Uint32Array(1)
  let buffer = new Uint8Array(0)
  const {from, end} = run.span ?? {from: 0, end: Number.POSITIVE_INFINITY}
  let position = from
  return {
    close,
    read() {
      if (file === undefined) return undefined
      if (position >= end || readWhole(file, new Uint8Array(length.buffer), position) === 0) {
        close()
        return undefined
      }
      if (buffer.byteLength < length[0]!) buffer = new Uint8Array(length[0]!)
      const block = buffer.subarray(0, length[0]!)
      if (readWhole(file, block, position + runLengthBytes) !== block.byteLength) throw cutShort(run.path)
      position += runLengthBytes + block.byteLength
      return block
    },
  }
}

/** Hands over all blocks of an open run, each valid during the call, and closes it. */
export function copyRun(source: ReturnType<typeof openRun>, sink: (block: Uint8Array) => void): void {
  try {
    for (let block = source.read(); block !== undefined; block = source.read()) sink(block)
  } finally {
    source.close()
  }
}

function openForReading(path: string): number {
  try {
    return openSync(path, 'r')
  } catch (error) {
    throw readBackError(path, error)
  }
}

/** SPILL_FAILED for a run that ends before its length says. */
export function cutShort(path: string): UserError {
  return new UserError('SPILL_FAILED', `the temporary file ${path} is cut short`, {
    hint: 'another program may clean that folder; set TMPDIR to a folder of your own',
  })
}

/** SPILL_FAILED for what the system said of it; a UserError stays what it is. */
export function readBackError(path: string, error: unknown): UserError {
  if (error instanceof UserError) return error
  return new UserError('SPILL_FAILED', `the temporary file ${path} cannot be read back: ${messageOf(error)}`, {
    cause: error,
  })
}

/** @param path - what could not be written */
export function spillError(path: string, error: unknown): UserError {
  const reason = errorCodeOf(error) === 'ENOSPC' ? 'the disk is full' : messageOf(error)
  return new UserError('SPILL_FAILED', `cannot write temporary data to ${path}: ${reason}`, {
    cause: error,
    hint: 'point TMPDIR at a folder with room, or give more memory with --memory',
  })
}
