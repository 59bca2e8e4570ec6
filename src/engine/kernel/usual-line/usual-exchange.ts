/** Code for usual lines on its way from the scanner that makes it to the others of the same scan: they have the same lines to read. */

export interface SharedCode {
  /** A module, or the entries of a table. */
  readonly code: Uint8Array
  readonly isTable: boolean
  readonly laneCount: number
  /** Of a line that it was made for. */
  readonly lineBytes: number
  readonly bits: bigint
  readonly fields: UsualFields
}

/** What is known of the needed fields of every usual line: a bit for each, by its number. */
export interface UsualFields {
  /** A text or a number. */
  readonly present: bigint
  /** A number or absent. */
  readonly numeric: bigint
}

/** What scanners of one scan share: who makes the code, and then the code. */
export type UsualExchange = SharedArrayBuffer

/** Of the code: what is longer is not shared. */
const codeBytesMax = 64 * 1024
const headerBytes = 48
/** Of words of 32 bits, but for those of 64. */
const places = {state: 0, length: 1, laneCount: 2, lineBytes: 3, isTable: 6} as const
const longPlaces = {bits: 2, present: 4, numeric: 5} as const
const states = {free: 0, making: 1, made: 2, none: 3} as const

export function makeUsualExchange(): UsualExchange {
  return new SharedArrayBuffer(headerBytes + codeBytesMax)
}

/**
 * Asks for the code.
 *
 * @returns `make`: nobody makes it yet, so the caller does, and calls `offer`; `wait`: another one is at it; `none`: there is none to share
 */
export function askFor(exchange: UsualExchange): SharedCode | 'make' | 'wait' | 'none' {
  const words = new Int32Array(exchange, 0, headerBytes / 4)
  switch (Atomics.compareExchange(words, places.state, states.free, states.making)) {
    case states.free:
      return 'make'
    case states.making:
      return 'wait'
    case states.none:
      return 'none'
    default: {
      const longs = new BigUint64Array(exchange, 0, headerBytes / 8)
      return {
        code: new Uint8Array(exchange, headerBytes, words[places.length]!).slice(),
        isTable: words[places.isTable] === 1,
        laneCount: words[places.laneCount]!,
        lineBytes: words[places.lineBytes]!,
        bits: longs[longPlaces.bits]!,
        fields: {present: longs[longPlaces.present]!, numeric: longs[longPlaces.numeric]!},
      }
    }
  }
}

/** @param made - undefined: there is none */
export function offer(exchange: UsualExchange, made: SharedCode | undefined): void {
  const words = new Int32Array(exchange, 0, headerBytes / 4)
  const isShared = made !== undefined && made.code.length <= codeBytesMax
  if (isShared) {
    new Uint8Array(exchange, headerBytes).set(made.code)
    words[places.length] = made.code.length
    words[places.isTable] = made.isTable ? 1 : 0
    words[places.laneCount] = made.laneCount
    words[places.lineBytes] = made.lineBytes
    const longs = new BigUint64Array(exchange, 0, headerBytes / 8)
    longs[longPlaces.bits] = made.bits
    longs[longPlaces.present] = made.fields.present
    longs[longPlaces.numeric] = made.fields.numeric
  }
  Atomics.store(words, places.state, isShared ? states.made : states.none)
}
