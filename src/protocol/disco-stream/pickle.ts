/**
 * Records as Disco's Python library writes them: pickles of texts, bytes, numbers and tuples or lists of these. Objects of
 * classes are refused, so that reading a pickle never runs anything.
 */
import {UserError} from '../../base/index.ts'

export type Pickled = Buffer | string | number | bigint | boolean | null | readonly Pickled[]

type Kept = Pickled | typeof mark
const mark = Symbol('mark')

export interface Unpickled {
  readonly value: Pickled
  /** Behind the pickle. */
  readonly end: number
}

/** Reads one pickle. @returns undefined when the bytes at `start` are none that is known here */
export function unpickle(bytes: Buffer, start: number): Unpickled | undefined {
  const stack: Kept[] = []
  const memo = new Map<number, Kept>()
  let at = start
  const take = (count: number): Buffer => {
    if (at + count > bytes.length) throw new Unknown()
    at += count
    return bytes.subarray(at - count, at)
  }
  const line = (): string => {
    const end = bytes.indexOf(0x0a, at)
    if (end < 0) throw new Unknown()
    const text = bytes.toString('latin1', at, end)
    at = end + 1
    return text
  }
  const pop = (): Pickled => {
    const value = stack.pop()
    if (value === undefined || value === mark) throw new Unknown()
    return value
  }
  const popMarked = (): Pickled[] => {
    const from = stack.lastIndexOf(mark)
    if (from < 0) throw new Unknown()
    return (stack.splice(from) as Pickled[]).slice(1)
  }
  try {
    for (;;) {
      const opcode = String.fromCharCode(take(1)[0]!)
      switch (opcode) {
        case '\x80':
          take(1)
          break
        case '\x95':
          take(8)
          break
        case '.':
          return stack.length === 1 ? {value: pop(), end: at} : undefined
        case '(':
          stack.push(mark)
          break
        case 'U':
        case 'C':
          stack.push(take(take(1)[0]!))
          break
        case 'T':
        case 'B':
          stack.push(take(take(4).readUInt32LE()))
          break
        case 'X':
          stack.push(take(take(4).readUInt32LE()).toString('utf8'))
          break
        case '\x8c':
          stack.push(take(take(1)[0]!).toString('utf8'))
          break
        case 'K':
          stack.push(take(1)[0]!)
          break
        case 'M':
          stack.push(take(2).readUInt16LE())
          break
        case 'J':
          stack.push(take(4).readInt32LE())
          break
        case 'I': {
          const text = line()
          stack.push(text === '01' ? true : text === '00' ? false : wholeOf(text))
          break
        }
        case 'L':
          stack.push(wholeOf(line().replace(/L$/, '')))
          break
        case 'F':
          stack.push(Number(line()))
          break
        case 'G':
          stack.push(take(8).readDoubleBE())
          break
        case '\x8a':
          stack.push(longOf(take(take(1)[0]!)))
          break
        case 'N':
          stack.push(null)
          break
        case '\x88':
        case '\x89':
          stack.push(opcode === '\x88')
          break
        case ')':
        case ']':
          stack.push([])
          break
        case 't':
        case 'l':
          stack.push(popMarked())
          break
        case '\x85':
        case '\x86':
        case '\x87': {
          const items = Array.from({length: opcode.charCodeAt(0) - 0x84}, pop).reverse()
          stack.push(items)
          break
        }
        case 'a': {
          const item = pop()
          const list = pop()
          if (!Array.isArray(list)) throw new Unknown()
          stack.push([...list, item])
          break
        }
        case 'e': {
          const items = popMarked()
          const list = pop()
          if (!Array.isArray(list)) throw new Unknown()
          stack.push([...(list as Pickled[]), ...items])
          break
        }
        case 'q':
          memo.set(take(1)[0]!, stack.at(-1)!)
          break
        case 'r':
          memo.set(take(4).readUInt32LE(), stack.at(-1)!)
          break
        case '\x94':
          memo.set(memo.size, stack.at(-1)!)
          break
        case 'p':
          memo.set(Number(line()), stack.at(-1)!)
          break
        case 'h':
        case 'j': {
          const known = memo.get(opcode === 'h' ? take(1)[0]! : take(4).readUInt32LE())
          if (known === undefined) throw new Unknown()
          stack.push(known)
          break
        }
        default:
          return undefined
      }
    }
  } catch (error) {
    if (error instanceof Unknown) return undefined
    throw error
  }
}

class Unknown extends Error {}

function wholeOf(text: string): number | bigint {
  if (!/^-?\d{1,4096}$/.test(text)) throw new Unknown()
  const value = Number(text)
  return Number.isSafeInteger(value) ? value : BigInt(text)
}

/** Two's complement, the lowest byte first. */
function longOf(bytes: Buffer): number | bigint {
  let value = 0n
  for (const byte of Buffer.from(bytes).reverse()) value = (value << 8n) | BigInt(byte)
  const whole = BigInt.asIntN(bytes.length * 8, value)
  return Number.isSafeInteger(Number(whole)) ? Number(whole) : whole
}

/** A record as a line of text: its fields with tabs between. @throws UserError INPUT_UNREADABLE for nested ones */
export function textOfPickled(value: Pickled): Buffer {
  const fields = Array.isArray(value) ? (value as readonly Pickled[]) : [value as Pickled]
  const parts = fields.map(field => {
    if (Buffer.isBuffer(field)) return field
    if (Array.isArray(field)) {
      throw new UserError('INPUT_UNREADABLE', 'a record of the stream of Disco holds a list: it is no text')
    }
    return Buffer.from(field === null ? 'None' : String(field))
  })
  const joined = parts.flatMap((part, index) => (index === 0 ? [part] : [Buffer.from('\t'), part]))
  const record = Buffer.concat(joined)
  return record.at(-1) === 0x0a ? record : Buffer.concat([record, Buffer.from('\n')])
}

/** Bytes as Python 2's `cPickle` writes a `str` with protocol 1: what Disco's `chain_reader` gives back as one record. */
export function pickleText(bytes: Buffer): Buffer {
  const isShort = bytes.length < 256
  const head = Buffer.alloc(isShort ? 2 : 5)
  head.write(isShort ? 'U' : 'T', 'latin1')
  if (isShort) head.writeUInt8(bytes.length, 1)
  else head.writeUInt32LE(bytes.length, 1)
  return Buffer.concat([head, bytes, Buffer.from('q\x01.', 'latin1')])
}
