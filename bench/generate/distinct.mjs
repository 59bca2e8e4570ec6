/** Records whose key is different in every one. */
import {writeLines} from './line-file.mjs'

const startMs = 1_330_905_600_000
/** Odd, so that index * step visits every 32-bit number once: distinct ids in no order. */
const idStep = 0x9e3779b1

/** Average bytes of a line, to turn a size into keys. */
export const distinctLineBytes = 52

/** Writes the records of the keys `first` to `end` - 1. */
export function writeDistinct(path, first, end) {
  let index = first
  writeLines(path, Number.POSITIVE_INFINITY, () => {
    if (index >= end) return undefined
    const id = (Math.imul(index, idStep) >>> 0).toString(16).padStart(8, '0')
    return `{"time":"${startMs + index++}","visitor":"${id}","n":1}`
  })
}
