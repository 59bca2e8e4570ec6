/** The kernel's memory as its host reads and writes it: a call for each value, so nothing is made that can be kept. */
import type {HostValue} from './host-value.ts'

/** Only the row path knows what becomes of the value. */
const unknownKind = 255
/** Length, scale and mantissa; behind them the text. */
const headBytes = 16
/** Up to here a loop is faster than a call of Node's. */
const shortCharsMax = 48

export class HostMemory {
  readonly #source: {readonly buffer: ArrayBuffer}
  #bytes = new Uint8Array(0)
  #buffer = Buffer.alloc(0)
  #words = new DataView(new ArrayBuffer(0))

  /** @param source - the kernel's memory; a buffer of it is detached, and has no length, when the memory grows */
  constructor(source: {readonly buffer: ArrayBuffer}) {
    this.#source = source
  }

  /** Good until lines are scanned. */
  get bytes(): Uint8Array {
    if (this.#bytes.length === 0) this.#renew()
    return this.#bytes
  }

  get words(): DataView {
    if (this.#bytes.length === 0) this.#renew()
    return this.#words
  }

  #renew(): void {
    const {buffer} = this.#source
    this.#bytes = new Uint8Array(buffer)
    this.#buffer = Buffer.from(buffer)
    this.#words = new DataView(buffer)
  }

  /** Of UTF-8. */
  text(start: number, length: number): string {
    if (this.#bytes.length === 0) this.#renew()
    return this.#buffer.toString('utf8', start, start + length)
  }

  /** Writes a value where the kernel looks for it. Returns its kind, or that only the row path knows it. */
  write(value: HostValue | undefined, at: number, bytesMax: number): number {
    if (value === undefined || value.text.length * 3 > bytesMax - headBytes) return unknownKind
    const {kind, text, scale, mantissa} = value
    const {words} = this
    words.setUint32(at, this.#writeText(text, at + headBytes), true)
    words.setUint32(at + 4, scale, true)
    words.setBigInt64(at + 8, mantissa, true)
    return kind
  }

  /** Returns the bytes. */
  #writeText(text: string, at: number): number {
    const {bytes} = this
    const {length} = text
    if (length > shortCharsMax) return this.#buffer.write(text, at)
    for (let index = 0; index < length; index++) {
      const code = text.charCodeAt(index)
      if (code > 0x7f) return this.#buffer.write(text, at)
      bytes[at + index] = code
    }
    return length
  }
}
