/**
 * Text as people write it, as far as counting and sorting it go: few words are most of it, many occur hardly ever (Zipf), lines
 * of different lengths, some words with accents. The same seed and size give the same bytes.
 *
 *     node bench/jobs/text.mjs MEGABYTES FILE [SEED]
 */
import {closeSync, openSync, writeSync} from 'node:fs'

const wordCount = 200_000
/** Above 1: the share of rare words. What books have. */
const zipfExponent = 1.07
const wordsPerLineMax = 18

/** Bytes written at once. */
const blockBytes = 1 << 20

/** @param seed - a whole number from 1 */
export function writeText(path, bytes, seed = 1) {
  const random = randomOf(seed)
  const words = makeWords(randomOf(1))
  const pick = picker(words)
  const file = openSync(path, 'w')
  try {
    const block = Buffer.allocUnsafe(blockBytes + 8192)
    let used = 0
    for (let left = bytes; left > 0; ) {
      const start = used
      const count = 1 + Math.floor(random() * wordsPerLineMax)
      for (let index = 0; index < count; index++) {
        const word = words[pick(random())]
        if (index > 0) block[used++] = 0x20
        used += word.copy(block, used)
      }
      block[used++] = 0x0a
      left -= used - start
      if (used < blockBytes && left > 0) continue
      for (let done = 0; done < used; ) done += writeSync(file, block, done, used - done)
      used = 0
    }
  } finally {
    closeSync(file)
  }
}

/** Frequent words are short. */
function makeWords(random) {
  const vowels = [...'aeiouaeiouaeiouaeiouaeié']
  const consonants = [...'bcdfghklmnprstvw']
  const letterOf = (list, at) => list[Math.floor(at * list.length)]
  const seen = new Set()
  while (seen.size < wordCount) {
    const length = 2 + Math.floor(random() * Math.min(10, 1 + Math.log2(seen.size + 2) / 2))
    let word = ''
    for (let index = 0; index < length; index++) {
      const list = (index + (seen.size % 2)) % 2 === 0 ? consonants : vowels
      word += letterOf(list, random())
    }
    seen.add(word)
  }
  return [...seen].map(word => Buffer.from(word))
}

/** A word's number by a number from 0 to 1. A table says where to begin to look: most searches end there. */
function picker(words) {
  const sums = new Float64Array(words.length)
  let sum = 0
  for (let rank = 0; rank < words.length; rank++) {
    sum += 1 / (rank + 3) ** zipfExponent
    sums[rank] = sum
  }
  const starts = new Uint32Array(1 << 20)
  for (let index = 0, rank = 0; index < starts.length; index++) {
    while (sums[rank] < (index / starts.length) * sum) rank++
    starts[index] = rank
  }
  return at => {
    let rank = starts[Math.floor(at * starts.length)]
    while (sums[rank] < at * sum) rank++
    return rank
  }
}

/** Mulberry32. */
function randomOf(seed) {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000
  }
}

if (import.meta.main) {
  const [megabytes, path, seed = '1'] = process.argv.slice(2)
  writeText(path, Number(megabytes) * 1e6, Number(seed))
}
