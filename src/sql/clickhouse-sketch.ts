/**
 * What an estimate of different texts is made of, in ClickHouse: the hash of src/engine/bytes/text-hash.ts, by 32-bit words of the
 * UTF-8, and from it the register of src/engine/columns/hyper-log-log.ts with the rank that it would take.
 */
import type {Sketch} from './dialect.ts'

const seeds = [0x2545f491, (0x1b873593 ^ 0x5bd1e995) >>> 0] as const
const multipliers = [0x9e3779b1, 0x85ebca77] as const

const low32 = (x: string): string => `bitAnd(${x}, 4294967295)`
const rotated = (x: string, by: number): string =>
  `bitOr(${low32(`bitShiftLeft(${x}, ${by})`)}, bitShiftRight(${x}, ${32 - by}))`
/** Binds `h`, so that each step mentions the one before as often as it likes. */
const step = (x: string, make: string): string => `arrayMap(h -> ${make}, ${x})`

/** Spreads every bit over all 32. */
function mixed(x: string): string {
  const folded = step(`[${x}]`, 'bitXor(h, bitShiftRight(h, 16))')
  const once = step(step(folded, low32('h * 2146121005')), 'bitXor(h, bitShiftRight(h, 15))')
  return `${step(step(once, low32('h * 2221713035')), 'bitXor(h, bitShiftRight(h, 16))')}[1]`
}

/** Registers are numbered by the top 14 bits; the rank is the place of the first bit that is set in the other 50. */
const rankBits = 50
/** More than any rank: a register and its rank are one number. */
const perRegister = 64

export const clickhouseSketch: Sketch = {
  entry(add, given) {
    // A text that may be null by its type would make all of it so.
    const text = add(`coalesce(${given}, '')`)
    // One word more than there are whole ones, filled up with zeros.
    const words = `arrayMap(i -> toUInt64(reinterpretAsUInt32(substring(${text}, 4 * i + 1, 4))), range(toUInt64(intDiv(length(${text}), 4) + 1)))`
    const first = low32(`${rotated('bitXor(state.1, word)', 15)} * ${multipliers[0]} + state.2`)
    const second = `bitXor(${low32(`${rotated('bitXor(state.2, word)', 13)} * ${multipliers[1]}`)}, ${first})`
    const start = `tuple(toUInt64(${seeds[0]}), toUInt64(${seeds[1]}))`
    const state = add(`arrayFold((state, word) -> tuple(${first}, ${second}), ${words}, ${start})`)
    const top = add(mixed(`bitXor(${state}.1, length(${text}))`))
    const low = add(mixed(low32(`${state}.2 + ${top}`)))
    const high = add(mixed(low32(`${top} + ${low}`)))
    const rest = add(`bitOr(bitShiftLeft(bitAnd(${high}, 262143), 32), ${low})`)
    // The exponent of the double says how many bits there are: it holds all 50 exactly.
    const bits = `if(${rest} = 0, 0, bitShiftRight(reinterpretAsUInt64(toFloat64(${rest})), 52) - 1022)`
    return add(`toUInt32(bitShiftRight(${high}, 18) * ${perRegister} + ${rankBits + 1} - ${bits})`)
  },
  counts(entry, condition, isNeeded) {
    const entries = `arraySort(if(${isNeeded}, groupUniqArrayIf(${entry}, ${condition}), []))`
    // Ascending, so that the last entry of a register has its highest rank.
    const last = `(entry, next) -> intDiv(entry, ${perRegister}) != intDiv(next, ${perRegister})`
    const highest = `arrayFilter(${last}, ${entries}, arrayPopFront(arrayPushBack(${entries}, 4294967295)))`
    const ranks = `arrayMap(entry -> [toUInt8(entry % ${perRegister})], ${highest})`
    const counts = `arrayReduce('sumMap', ${ranks}, arrayMap(entry -> [toUInt64(1)], ${highest}))`
    return `arrayStringConcat(arrayMap((rank, count) -> concat(toString(rank), ':', toString(count)), ${counts}.1, ${counts}.2), ',')`
  },
}
