/** Opens a partial: a checksum is compared before anything of it is believed. */
import {closeSync, fstatSync, openSync, readSync} from 'node:fs'
import {crc32} from 'node:zlib'
import {messageOf} from '../../base/index.ts'
import type {BlockIndex} from '../block-index.ts'
import {readWhole} from '../read-whole.ts'
import type {Run} from '../run-files.ts'
import {checkChunkBytes, footerBytesMax} from './limits.ts'
import {
  type PartialFooter,
  partialEnd,
  partialMagic,
  partialVersion,
  type RunEntry,
  tailBytes,
} from './partial-format.ts'

export interface Partial extends PartialFooter {
  readonly path: string
  /** Of the file. */
  readonly bytes: number
  /** Runs by table number, in that file. */
  readonly runs: readonly (readonly Run[])[]
}

/** The file is cut short, changed, or of another version. */
export class BrokenPartial extends Error {
  override readonly name = 'BrokenPartial'
}

export interface OpenOptions {
  /** Files of the partials that it names runs of, in their order; they are opened as well. */
  readonly parts?: readonly string[]
  /**
   * Set for files of this machine: since when it has not lost power, milliseconds since 1970. Of what was written since then the
   * description is compared only: a system that goes on gives what it was given, and blocks of groups are compared when they are read.
   */
  readonly poweredSinceMs?: number
}

/** @throws BrokenPartial, also when a file is not there */
export function openPartial(path: string, options: OpenOptions = {}): Partial {
  const {parts = [], poweredSinceMs = Number.POSITIVE_INFINITY} = options
  let file: number
  try {
    file = openSync(path, 'r')
  } catch (error) {
    throw new BrokenPartial(`it cannot be opened: ${messageOf(error)}`, {cause: error})
  }
  try {
    const {size: bytes, ctimeMs} = fstatSync(file)
    const {footer, crc} = footerOf(file, bytes)
    const isWholeCompared = ctimeMs < poweredSinceMs || !footer.tables.flat().every(({index}) => index !== null)
    if (isWholeCompared && checksum(file, bytes - tailBytes) !== crc) throw new BrokenPartial('its checksum is wrong')
    const named = footer.parts ?? []
    if (named.length !== parts.length) throw new BrokenPartial(`it has ${named.length} parts, not ${parts.length}`)
    for (const [part, at] of parts.entries()) {
      if (openPartial(at, {poweredSinceMs}).bytes !== named[part])
        throw new BrokenPartial(`part ${part} is another one`)
    }
    const pathOf = ({part}: RunEntry): string => (part === undefined ? path : parts[part]!)
    const runs = footer.tables.map(entries => entries.map(entry => runOf(pathOf(entry), entry)))
    return {...footer, path, bytes, runs}
  } catch (error) {
    if (error instanceof BrokenPartial) throw error
    throw new BrokenPartial(`it cannot be read: ${messageOf(error)}`, {cause: error})
  } finally {
    closeSync(file)
  }
}

/** Since when this process runs, and the machine has not lost power: milliseconds since 1970. */
export function processStartMs(): number {
  return Date.now() - process.uptime() * 1000
}

/** The description, which is right, and the checksum of the whole, which is not compared. */
function footerOf(file: number, bytes: number): {readonly footer: PartialFooter; readonly crc: number} {
  const tail = Buffer.alloc(tailBytes)
  if (bytes < partialMagic.length + tailBytes || readWhole(file, tail, bytes - tailBytes) < tailBytes)
    throw new BrokenPartial(`it has only ${bytes} bytes`)
  if (!tail.subarray(12).equals(partialEnd)) throw new BrokenPartial('it does not end as one')
  const length = tail.readUInt32LE(0)
  const at = bytes - tailBytes - length
  if (length > footerBytesMax || at < partialMagic.length) throw new BrokenPartial('its description is cut short')
  const text = Buffer.allocUnsafe(length)
  if (readWhole(file, text, at) < length || crc32(text) !== tail.readUInt32LE(4))
    throw new BrokenPartial('the checksum of its description is wrong')
  const footer = JSON.parse(text.toString()) as PartialFooter
  if (footer.version !== partialVersion) throw new BrokenPartial(`it is of version ${footer.version}`)
  return {footer, crc: tail.readUInt32LE(8)}
}

function checksum(file: number, end: number): number {
  const chunk = Buffer.allocUnsafe(Math.min(checkChunkBytes, end))
  let crc = 0
  for (let at = 0; at < end; ) {
    const count = readSync(file, chunk, 0, Math.min(chunk.length, end - at), at)
    if (count === 0) throw new BrokenPartial('it became shorter')
    const read = chunk.subarray(0, count)
    if (at === 0 && !read.subarray(0, partialMagic.length).equals(partialMagic))
      throw new BrokenPartial('it does not begin as one')
    crc = crc32(read, crc)
    at += count
  }
  return crc
}

function runOf(path: string, {from, end, bytes, index}: RunEntry): Run {
  return {kind: 'file', path, bytes, span: {from, end}, index: index === null ? undefined : indexOf(index)}
}

function indexOf({keys, keyEnds, blockBytes}: NonNullable<RunEntry['index']>): BlockIndex {
  return {keys: Buffer.from(keys, 'base64'), keyEnds: wordsOf(keyEnds), blockBytes: wordsOf(blockBytes)}
}

function wordsOf(text: string): Uint32Array {
  // Into memory of its own: what base64 gives may begin anywhere.
  const bytes = Uint8Array.from(Buffer.from(text, 'base64'))
  return new Uint32Array(bytes.buffer)
}
