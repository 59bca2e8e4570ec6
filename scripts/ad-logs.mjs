/**
 * Writes synthetic ad-server logs: newline-delimited JSON in the layout of the talk "Dancing with Big Data".
 *
 *     node scripts/ad-logs.mjs --lines 1000000 --seed 1 --dirty 12 --out ad.ndjson
 *
 * The same arguments give the same bytes on every machine. Runs on Node 20 and newer, without dependencies.
 *
 * Text is built as "binary strings": one character per UTF-8 byte. They stay one byte a character inside the
 * engine and are copied out without an encoder, which is what makes a million lines take about a second.
 */
import {closeSync, openSync, writeSync} from 'node:fs'
import {pathToFileURL} from 'node:url'
import {parseArgs} from 'node:util'

/** 2012-03-05T00:00:00Z, the day of the talk's record. */
const dayStartMs = 1_330_905_600_000
const hourMs = 3_600_000
/** Relative traffic by hour (UTC): a quiet night, a busy evening. */
const hourWeights = [3, 2, 2, 1, 1, 2, 3, 5, 7, 8, 9, 9, 10, 10, 9, 9, 10, 11, 12, 13, 12, 10, 7, 5]

const domainCount = 2_000
const campaignCount = 500
const firstCampaignId = 10_800
const searchTermCount = 4_000
const priceCount = 8_192
/** Addresses are taken from 10.0.0.0/14, so that none belongs to anybody. */
const addressBits = 18
/** One line in this many is a click. */
const linesPerClick = 32
/** Bytes collected before a write: large enough that system calls cost nothing, small against any memory. */
const writeBytes = 4 * 1024 * 1024
/** Resolution of the skewed choices: a uniform number of 16 bits picks an entry. */
const skewedChoices = 65_536

const sizes = ['300x250', '728x90', '160x600', '320x50', '300x600', '970x250', '468x60', '120x600']
const topics =
  'health bargain recipe travel garden movie finance auto sport music puppy wedding phone laptop shoes'.split(' ')
const sites = 'tree hub world daily spot corner zone base guide forum market times planet nest point'.split(' ')
const endings = ['.com', '.com', '.com', '.net', '.org', '.co.uk', '.ca', '.de', '.info']
const openings = [
  'cheap',
  'best',
  'signs of',
  'how to fix',
  "don't ignore",
  'buy',
  'used',
  '5 easy',
  'who sells',
  'compare',
  'free',
  'top 10',
]
const subjects =
  'running shoes|a stroke|winter tires|dog food|tax software|ski passes|a leaking tap|phone cases|car insurance|lasagna'
    .split('|')
    .concat(
      'office chairs|cold symptoms|concert tickets|garden gnomes|wireless headphones|a mortgage|baby names'.split('|'),
    )
const closings = [
  '',
  '',
  ' near me',
  ' online',
  ' in toronto',
  ' 2012',
  ' today',
  ' for beginners',
  ' reviews',
  ' at home',
]
/** Terms that need care: escapes, several scripts, a line break, a character outside the basic plane. */
const awkwardTerms = [
  "5 Signs of a Stroke You Don't\nWant to Ignore",
  'the "real" price of gold',
  'C:\\drivers\\printer',
  'café crème brûlée',
  'Zürich nach München',
  '東京 ホテル',
  'купить ноутбук',
  'pizza 🍕 delivery',
  'tab\tseparated',
  'naïve {json} parser',
]

/**
 * Writes the log file, replacing what was there.
 *
 * @param {{path: string, lines: number, seed?: number, dirty?: number}} options - `lines` counts all lines of the
 *   file; `dirty` of them (0..lines), spread over the whole file, cannot be read as one JSON object
 * @returns {{bytes: number, lines: number, dirty: number}} what was written
 */
export function writeAdLogs({path, lines, seed = 1, dirty = 0}) {
  if (!Number.isSafeInteger(lines) || lines < 0) throw new RangeError(`lines must be a whole number, not ${lines}`)
  if (!Number.isSafeInteger(dirty) || dirty < 0 || dirty > lines) throw new RangeError(`dirty must be 0..${lines}`)
  const random = seededBits(seed)
  const tables = buildTables(random)
  const dirtyLines = chooseDirtyLines(lines, dirty, random)
  const file = openSync(path, 'w')
  const buffer = Buffer.allocUnsafe(writeBytes + 65_536)
  let filled = 0
  let bytes = 0
  let dirtyIndex = 0
  const flush = () => {
    for (let offset = 0; offset < filled; ) offset += writeSync(file, buffer, offset, filled - offset)
    bytes += filled
    filled = 0
  }
  try {
    forEachTime(lines, random, (index, timeMs) => {
      let line = recordText(timeMs, tables, random)
      if (index === dirtyLines[dirtyIndex]) line = spoiled(line, dirtyIndex++, timeMs, tables, random)
      filled += buffer.latin1Write(line, filled)
      buffer[filled++] = 0x0a
      if (filled >= writeBytes) flush()
    })
    flush()
  } finally {
    closeSync(file)
  }
  return {bytes, lines, dirty: dirtyIndex}
}

/** Calls back once a line with a time that never goes back, over one day, in the shape of `hourWeights`. */
function forEachTime(lines, random, onLine) {
  const weightTotal = hourWeights.reduce((sum, weight) => sum + weight, 0)
  let weightBefore = 0
  let index = 0
  for (let hour = 0; hour < 24; hour++) {
    const first = index
    weightBefore += hourWeights[hour]
    const end = Math.floor((lines * weightBefore) / weightTotal)
    const stepMs = hourMs / (end - first)
    for (; index < end; index++) {
      const offsetMs = Math.floor((index - first + random() / 4_294_967_296) * stepMs)
      onLine(index, dayStartMs + hour * hourMs + offsetMs)
    }
  }
}

function recordText(timeMs, tables, random) {
  const domain = tables.domains[tables.domainChoice[random() >>> 16]]
  const campaign = tables.campaigns[tables.campaignChoice[random() >>> 16]]
  const term = tables.terms[tables.termChoice[random() >>> 16]]
  const address = random() >>> (32 - addressBits)
  const mixed = random()
  const size = tables.sizes[mixed & 7]
  const price = tables.prices[(mixed >>> 3) % priceCount]
  const clicked = (mixed >>> 16) % linesPerClick === 0
  // The fixed pieces between the fields are part of the tables: fewer, longer pieces to join.
  return `{"time":"${timeMs}${domain}${campaign}${term}${size}10.${address >>> 16}.${(address >>> 8) & 255}.${address & 255}${price}${clicked ? 'true}' : 'false}'}`
}

/** Five ways in which real logs go wrong. `kind` counts up, so each of them occurs before one is repeated. */
function spoiled(line, kind, timeMs, tables, random) {
  switch (kind % 5) {
    case 0:
      return line.slice(0, 40 + (random() % (line.length - 60))) // the process died while writing
    case 1:
      return `WARN bidder {exchange-${random() % 9}} answered after ${100 + (random() % 900)} ms at ${timeMs}`
    case 2:
      return line.replace('"search_term":"', '"search_term":"caf\xe9 \xff\xfe ') // Latin-1 among UTF-8
    case 3:
      return `[${line}]`
    default:
      return `${line}${recordText(timeMs, tables, random)}` // a lost newline
  }
}

/** One line number in each of `dirty` equal stretches of the file, ascending. */
function chooseDirtyLines(lines, dirty, random) {
  return Array.from({length: dirty}, (_, index) => {
    const from = Math.floor((index * lines) / dirty)
    const to = Math.floor(((index + 1) * lines) / dirty)
    return from + (random() % (to - from))
  })
}

function buildTables(random) {
  const pick = items => items[random() % items.length]
  const domains = new Set(['bighealthtree.com'])
  for (let round = 0; domains.size < domainCount; round++) {
    const number = round < 600 ? '' : String(random() % 100)
    domains.add(`${pick(['', '', 'big', 'my', 'the', 'super'])}${pick(topics)}${pick(sites)}${number}${pick(endings)}`)
  }
  const terms = awkwardTerms.slice()
  while (terms.length < searchTermCount) terms.push(`${pick(openings)} ${pick(subjects)}${pick(closings)}`)
  const prices = Array.from({length: priceCount}, () => {
    // Mostly cents, now and then dollars; two to four digits after the point, trailing zeros kept.
    const digits = 2 + (random() % 3)
    const units = 1 + (random() % (random() % 8 === 0 ? 60_000 : 9_000))
    return (units / 10_000).toFixed(digits)
  })
  const campaigns = Array.from({length: campaignCount}, (_, index) => firstCampaignId + index)
  shuffle(campaigns, random)
  shuffle(terms, random)
  return {
    domains: Array.from(domains, domain => `","domain":"${domain}"`),
    domainChoice: skewed(domainCount),
    campaigns: campaigns.map(id => `,"campaign_id":${id}`),
    campaignChoice: skewed(campaignCount),
    terms: terms.map(term => `,"search_term":${Buffer.from(JSON.stringify(term)).latin1Slice()}`),
    termChoice: skewed(searchTermCount),
    sizes: sizes.map(size => `,"size":"${size}","ip_address":"`),
    prices: prices.map(price => `","price":${price},"clicked":`),
  }
}

/** A table of choices (by a uniform number of 16 bits) among 0..count-1 in which the choice of rank r is about 1/(r+1) as frequent as the first. */
export function skewed(count) {
  const choices = new Uint16Array(skewedChoices)
  let total = 0
  for (let rank = 0; rank < count; rank++) total += 1 / (rank + 1)
  let from = 0
  let reached = 0
  for (let rank = 0; rank < count; rank++) {
    reached += 1 / (rank + 1)
    const to = rank === count - 1 ? skewedChoices : Math.round((reached / total) * skewedChoices)
    choices.fill(rank, from, to)
    from = to
  }
  return choices
}

function shuffle(items, random) {
  for (let index = items.length - 1; index > 0; index--) {
    const other = random() % (index + 1)
    ;[items[index], items[other]] = [items[other], items[index]]
  }
}

/** Random integers of 32 bits, 0..2^32-1 (mulberry32). Own generator: the same seed must give the same file for ever. */
export function seededBits(seed) {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
}

function main() {
  const {values} = parseArgs({
    options: {
      lines: {type: 'string', default: '1000000'},
      seed: {type: 'string', default: '1'},
      dirty: {type: 'string', default: '12'},
      out: {type: 'string'},
    },
  })
  if (values.out === undefined) {
    console.error('usage: node scripts/ad-logs.mjs --out FILE [--lines 1000000] [--seed 1] [--dirty 12]')
    process.exitCode = 2
    return
  }
  const written = writeAdLogs({
    path: values.out,
    lines: Number(values.lines),
    seed: Number(values.seed),
    dirty: Number(values.dirty),
  })
  console.error(`${values.out}: ${written.lines} lines, ${written.dirty} of them dirty, ${written.bytes} bytes`)
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) main()
