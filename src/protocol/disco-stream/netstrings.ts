/**
 * Streams of version 0: `KLEN SP KEY SP VLEN SP VALUE LF`, lengths in decimal bytes.
 *
 * Nothing marks such a stream, and a table of numbers may begin like one. So it is told by its first pairs: all of them fit to
 * their lengths, and the lengths are such that no table has them by chance.
 */
import {printable, UserError} from '../../base/index.ts'
import {hunkBytesMax, netstringProbeBytes} from './limits.ts'
import {textOfPickled} from './pickle.ts'

export type NetstringPair = readonly [key: Buffer, value: Buffer]

/** Digits of a length. */
const lengthDigitsMax = 10

/** A length that has two digits and fits to what follows is no chance any more. */
const tellingLength = 10

const [space, lineFeed] = [0x20, 0x0a]

type Taken =
  | {readonly type: 'pair'; readonly pair: NetstringPair; readonly end: number}
  /** It may be one, when more bytes come; `key`: that much is known. */
  | {readonly type: 'more'; readonly key?: Buffer}
  | {readonly type: 'wrong'}

type Field = {readonly type: 'field'; readonly bytes: Buffer; readonly end: number} | Exclude<Taken, {type: 'pair'}>

function takeField(bytes: Buffer, at: number, behind: number): Field {
  let end = at
  while (end < bytes.length && bytes[end] !== space) {
    const isDigit = bytes[end]! >= 0x30 && bytes[end]! <= 0x39
    if (!isDigit || end - at === lengthDigitsMax) return {type: 'wrong'}
    end++
  }
  if (end === bytes.length) return {type: 'more'}
  if (end === at) return {type: 'wrong'}
  const from = end + 1
  const to = from + Number(bytes.toString('latin1', at, end))
  if (to - from > hunkBytesMax) return {type: 'wrong'}
  if (to >= bytes.length) return {type: 'more'}
  return bytes[to] === behind ? {type: 'field', bytes: bytes.subarray(from, to), end: to + 1} : {type: 'wrong'}
}

function takePair(bytes: Buffer, at: number): Taken {
  const key = takeField(bytes, at, space)
  if (key.type !== 'field') return key
  const value = takeField(bytes, key.end, lineFeed)
  if (value.type !== 'field') return value.type === 'more' ? {type: 'more', key: key.bytes} : value
  return {type: 'pair', pair: [key.bytes, value.bytes], end: value.end}
}

/**
 * Is this the beginning of a stream of version 0?
 *
 * @param begin - the first `netstringProbeBytes`, or fewer
 * @param isAll - no more will come, or more is not looked at
 * @returns undefined: more bytes would tell
 */
export function areNetstrings(begin: Buffer, isAll: boolean): boolean | undefined {
  const bytes = begin.subarray(0, netstringProbeBytes)
  const keyLengths = new Set<number>()
  const valueLengths = new Set<number>()
  for (let at = 0; ; ) {
    const taken = takePair(bytes, at)
    if (taken.type === 'wrong') return false
    if (taken.type === 'more') {
      if (bytes.length < netstringProbeBytes && !isAll) return undefined
      if (taken.key !== undefined) keyLengths.add(taken.key.length)
      const lengths = [...keyLengths, ...valueLengths]
      return lengths.some(length => length >= tellingLength) || keyLengths.size > 1 || valueLengths.size > 1
    }
    keyLengths.add(taken.pair[0].length)
    valueLengths.add(taken.pair[1].length)
    at = taken.end
  }
}

const broken = (): UserError =>
  new UserError('INPUT_UNREADABLE', 'the stream of Disco of version 0 is corrupt or cut short')

/** An error of a stream with the name of the input. */
export const named = (name: string, {code, message, cause}: UserError): UserError =>
  new UserError(code, `${printable(name)}: ${message}`, cause === undefined ? {} : {cause})

/** Pairs in pieces that come in any size. @param name - of the input, for errors @throws UserError INPUT_UNREADABLE */
export async function* netstringPairsOf(
  pieces: AsyncIterable<Uint8Array>,
  name: string,
): AsyncGenerator<NetstringPair> {
  let rest: Buffer = Buffer.alloc(0)
  let waiting: Uint8Array[] = []
  let waitingBytes = 0
  for await (const piece of pieces) {
    waiting.push(piece)
    waitingBytes += piece.length
    // A long pair in small pieces is joined in steps that double.
    if (waitingBytes < rest.length) continue
    rest = Buffer.concat([rest, ...waiting])
    waiting = []
    waitingBytes = 0
    let at = 0
    for (let taken = takePair(rest, at); taken.type !== 'more'; taken = takePair(rest, at)) {
      if (taken.type === 'wrong') throw named(name, broken())
      yield taken.pair
      at = taken.end
    }
    rest = rest.subarray(at)
  }
  rest = Buffer.concat([rest, ...waiting])
  for (let at = 0; at < rest.length; ) {
    const taken = takePair(rest, at)
    if (taken.type !== 'pair') throw named(name, broken())
    yield taken.pair
    at = taken.end
  }
}

/** The lines of such a stream: key and value with a tab between. @throws UserError INPUT_UNREADABLE */
export async function* netstringText(pieces: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Buffer> {
  let lines: Buffer[] = []
  let bytes = 0
  for await (const pair of netstringPairsOf(pieces, name)) {
    const line = textOfPickled(pair)
    lines.push(line)
    bytes += line.length
    if (bytes < netstringProbeBytes) continue
    yield Buffer.concat(lines)
    lines = []
    bytes = 0
  }
  if (bytes > 0) yield Buffer.concat(lines)
}

/** One pair of a stream of version 0. */
export const encodeNetstringPair = (key: Buffer, value: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`${key.length} `), key, Buffer.from(` ${value.length} `), value, Buffer.from('\n')])
