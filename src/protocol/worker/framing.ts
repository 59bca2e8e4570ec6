/**
 * Messages of Disco's worker protocol as bytes: `NAME SP LENGTH SP PAYLOAD LF`, where LENGTH is the bytes of PAYLOAD in decimal.
 *
 * What is no message is text for the log, line by line: a print, a warning of the interpreter. So a message begins where a
 * line begins, with a name in capitals. What begins as a message and then is not one breaks the stream.
 *
 *     line begins -> head (name, length) -> payload -> LF -> line begins
 *     line begins -> text -> LF -> line begins
 *     head, payload -> broken (nothing more is read)
 */
import {assert} from '../../base/index.ts'
import {lengthDigitsMax, messageNameCharsMax, payloadBytesMax, textLineBytesMax} from './limits.ts'

export type Parsed =
  | {readonly type: 'message'; readonly name: string; readonly payload: Buffer}
  /** Without its line feed. */
  | {readonly type: 'text'; readonly line: Buffer}
  /** `bytes`: what was read of it and is not understood. */
  | {readonly type: 'broken'; readonly reason: BrokenReason; readonly bytes: Buffer}

/** Names as in Disco. */
export type BrokenReason = 'invalid_length' | 'message_too_big' | 'invalid_body'

export interface ParserOptions {
  /** Names of messages that there are: after one of them a bad length is no text. */
  readonly names: ReadonlySet<string>
  /** In doubt it is text: a stream that people print to. */
  readonly isMostlyText: boolean
}

const space = 32
const lineFeed = 10
const headBytesMax = messageNameCharsMax + lengthDigitsMax + 2
const headPattern = /^([A-Z_]{1,10}) (\d{1,10}) /
const headBeginning = /^[A-Z_]{0,10}$|^[A-Z_]{1,10} \d{0,10}$/
/** What a payload of the protocol begins with. */
const payloadBeginning = new Set(Buffer.from('"[{'))

interface Payload {
  readonly name: string
  /** Of the payload and the line feed behind it. */
  readonly bytes: number
  readonly pieces: Buffer[]
  gathered: number
}

type Head =
  | {readonly type: 'message'; readonly name: string; readonly length: number; readonly headBytes: number}
  | {readonly type: 'text' | 'unknown'}
  | {readonly type: 'broken'; readonly reason: BrokenReason}

/** One for a stream: `push` each chunk, then `next` until it gives undefined. Never throws; what is broken stays so. */
export class MessageParser {
  readonly #options: ParserOptions
  /** What is not understood yet; while a payload is gathered: empty. */
  #rest: Buffer = Buffer.alloc(0)
  #payload: Payload | undefined
  #isBroken = false
  #isEnded = false
  #isInLine = false

  constructor(options: ParserOptions) {
    this.#options = options
  }

  /** A message has begun, and is not whole. */
  get isPartial(): boolean {
    if (this.#isBroken) return false
    if (this.#payload !== undefined) return true
    if (this.#rest.length === 0 || this.#isInLine) return false
    const {type} = this.#head()
    // Half a word that a person printed is no message that hangs.
    return type === 'message' || (type === 'unknown' && !this.#options.isMostlyText)
  }

  push(chunk: Buffer): void {
    if (this.#isBroken || chunk.length === 0) return
    if (this.#payload === undefined || this.#rest.length > 0) {
      this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    } else this.#rest = chunk
  }

  /** No more will come: what is left is text. */
  end(): void {
    this.#isEnded = true
  }

  /** The next thing that is whole; undefined: more bytes are needed. */
  next(): Parsed | undefined {
    if (this.#isBroken) return undefined
    if (this.#payload !== undefined) return this.#gather(this.#payload)
    if (this.#rest.length === 0) return undefined
    if (this.#isInLine) return this.#text()
    const head = this.#head()
    switch (head.type) {
      case 'message':
        return this.#begin(head)
      case 'broken':
        return this.#break(head.reason)
      case 'text':
        return this.#text()
      case 'unknown':
        return this.#isEnded ? this.#text() : undefined
    }
  }

  #head(): Head {
    const {names, isMostlyText} = this.#options
    const beginning = this.#rest.toString('latin1', 0, headBytesMax + 1)
    const match = headPattern.exec(beginning)
    if (match === null) {
      if (headBeginning.test(beginning)) return {type: 'unknown'}
      const name = /^([A-Z_]+) /.exec(beginning)?.[1]
      const isBad = name !== undefined && names.has(name) && !isMostlyText
      return isBad ? {type: 'broken', reason: 'invalid_length'} : {type: 'text'}
    }
    const [{length: headBytes}, name = '', digits] = match
    const length = Number(digits)
    if (isMostlyText) {
      const first = this.#rest[headBytes]
      if (first === undefined) return {type: 'unknown'}
      if (!names.has(name) || !payloadBeginning.has(first) || length > payloadBytesMax) return {type: 'text'}
    }
    if (length > payloadBytesMax) return {type: 'broken', reason: 'message_too_big'}
    return {type: 'message', name, length, headBytes}
  }

  #begin({name, length, headBytes}: Extract<Head, {type: 'message'}>): Parsed | undefined {
    this.#rest = this.#rest.subarray(headBytes)
    this.#payload = {name, bytes: length + 1, pieces: [], gathered: 0}
    return this.#gather(this.#payload)
  }

  #gather(payload: Payload): Parsed | undefined {
    const piece = this.#rest.subarray(0, payload.bytes - payload.gathered)
    this.#rest = this.#rest.subarray(piece.length)
    if (piece.length > 0) payload.pieces.push(piece)
    payload.gathered += piece.length
    if (payload.gathered < payload.bytes) return undefined
    const whole = payload.pieces.length === 1 ? piece : Buffer.concat(payload.pieces)
    this.#payload = undefined
    if (whole.at(-1) !== lineFeed) return this.#break('invalid_body', whole)
    return {type: 'message', name: payload.name, payload: whole.subarray(0, -1)}
  }

  #text(): Parsed | undefined {
    const end = this.#rest.indexOf(lineFeed)
    const isWhole = end >= 0 && end <= textLineBytesMax
    if (!isWhole && this.#rest.length <= textLineBytesMax && !this.#isEnded) return undefined
    const length = isWhole ? end : Math.min(this.#rest.length, textLineBytesMax)
    const line = this.#rest.subarray(0, length)
    this.#rest = this.#rest.subarray(isWhole ? length + 1 : length)
    this.#isInLine = !isWhole
    return {type: 'text', line}
  }

  #break(reason: BrokenReason, before: Buffer = Buffer.alloc(0)): Parsed {
    const bytes = Buffer.concat([before, this.#rest])
    this.#isBroken = true
    this.#payload = undefined
    this.#rest = Buffer.alloc(0)
    return {type: 'broken', reason, bytes}
  }
}

/** @param payload - anything that JSON can say */
export function encodeMessage(name: string, payload: unknown): Buffer {
  assert(/^[A-Z_]{1,10}$/.test(name), 'names of messages are in capitals')
  const body = Buffer.from(JSON.stringify(payload))
  const head = Buffer.from(`${name} ${body.length} `, 'latin1')
  assert(head[head.length - 1] === space, 'a head ends with a space')
  return Buffer.concat([head, body, Buffer.of(lineFeed)])
}
