/** The records of one input in order, for commands that look at single ones (infer, trace). Not for speed. */
import {closeSync, openSync, readSync} from 'node:fs'
import {type BadReason, makeReader, type RecordSink} from '../engine/index.ts'
import type {FormatNode, Parts} from '../rules/index.ts'
import {decodedChunks} from './decoded-chunks.ts'
import type {InputFile} from './input-files.ts'
import {unreadable} from './unreadable.ts'

export type ReadItem =
  | {readonly type: 'record'; readonly line: number; readonly parts: Parts}
  | {
      readonly type: 'bad'
      readonly line: number
      readonly reason: BadReason
      readonly text: string
      readonly detail: string | undefined
    }
  | {readonly type: 'skipped'; readonly line: number; readonly kind: 'blank' | 'no-object'}

/** Bytes read at a time: who looks at the first records only does not wait for all of a large chunk. */
const sliceBytes = 65_536

/**
 * Records, bad and skipped lines in the order of the input; lines count from 1. Not for custom formats, which have no reader here.
 *
 * @throws UserError INPUT_UNREADABLE; BAD_RULE for a regex format that is none; InvariantError for a custom format
 */
export async function* readRecords(input: InputFile, format: FormatNode): AsyncGenerator<ReadItem> {
  let items: ReadItem[] = []
  const sink: RecordSink = {
    record: (parts, line) => items.push({type: 'record', line, parts}),
    bad: (reason, line, text, detail) => items.push({type: 'bad', line, reason, text, detail}),
    skipped: (kind, line) => items.push({type: 'skipped', line, kind}),
  }
  const reader = makeReader(format, sink, {isFirst: true})
  for await (const chunk of decodedChunks(input, () => undefined)) {
    for (let at = 0; at < chunk.byteLength; at += sliceBytes) {
      reader.push(chunk.subarray(at, at + sliceBytes))
      yield* items
      items = []
    }
  }
  reader.end()
  yield* items
}

/** The first bytes of an input, decompressed; fewer when there are no more. */
export async function firstBytesOf(input: InputFile, count: number): Promise<Uint8Array> {
  if (input.path !== undefined && input.compression === 'none') return headOf(input.path, input.name, count)
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of decodedChunks(input, () => undefined)) {
    chunks.push(chunk)
    bytes += chunk.byteLength
    if (bytes >= count) break
  }
  return Buffer.concat(chunks).subarray(0, count)
}

/** Of a plain file: without a stream, whose code takes three milliseconds to load. */
function headOf(path: string, name: string, count: number): Uint8Array {
  try {
    const file = openSync(path, 'r')
    try {
      const head = new Uint8Array(count)
      return head.subarray(0, readSync(file, head, 0, count, 0))
    } finally {
      closeSync(file)
    }
  } catch (error) {
    throw unreadable(name, error)
  }
}
