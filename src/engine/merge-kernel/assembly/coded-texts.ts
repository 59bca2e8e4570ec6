/** The texts of a key part from all coded runs, in one order, as they stand in rows. */
import {writePart} from './key-text'
import {Plan, planAt, readerBytes, Text, textBytes} from './layout'
import {holderAt, holderCount, keyAt, nextKey, openOrder} from './order'
import {copyText} from './values'

/** Texts that the last merge made, and bytes of the longest. */
export let textCount: u32 = 0
export let longestText: u32 = 0

/**
 * Merges the texts of a part, of which each reader of the plan has those of a run.
 *
 * @param list - where to put of each text where it lies, and its bytes
 * @param cursors - of each reader where the number of its next text goes: addresses of 32 bits
 * @param to - where to put the texts
 * @returns where they end
 */
export function mergeTexts(part: u32, shift: u32, list: usize, cursors: usize, to: usize): usize {
  const plan = changetype<Plan>(planAt)
  const front = changetype<Text>(<usize>plan.fronts + <usize>part * textBytes)
  let at = list
  let out = to
  let number: u64 = 0
  longestText = 0
  openOrder()
  while (nextKey()) {
    const start = out
    out = writePart(keyAt, copyText(out, front.at, front.length), plan.style)
    store<u32>(at, <u32>start)
    store<u32>(at, <u32>(out - start), 4)
    at += textBytes
    longestText = max(longestText, <u32>(out - start))
    for (let holder: u32 = 0; holder < holderCount; holder++) {
      const cursor = cursors + <usize>((holderAt(holder).reader - plan.readers) / <u32>readerBytes) * 4
      const place = <usize>load<u32>(cursor)
      store<u64>(place, number << <u64>shift)
      store<u32>(cursor, <u32>(place + 8))
    }
    number++
  }
  textCount = <u32>number
  return out
}
