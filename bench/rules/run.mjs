// Rules over the tags of a one-node cluster with two slots, beside the same rules over the same files, and what a daemon takes:
//
//     npm run bench:rules -- [--size MB] [--rounds N] [--rules N] [--only scan,latency,idle] [--large MB] [--write] [--no-build]
//
// Runs each thing several times, in turn with its peer, and prints medians and ratios; compares all rows and fails when they differ;
// asserts no figure. In a temporary folder (BENCH_TMP or the system's) that is removed: it takes 1.5 times the size of disk.
//
// --large 10000 runs the scans at that size as well, for a second table in which start-up is not the point: three rounds of each, seven
// minutes on a quiet machine of two cores, 15 GB of disk. The page cache has to hold the size; when the disk was read it says so.
import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {parseArgs} from 'node:util'
import {build} from '../../scripts/build.mjs'
import {table, writeSection} from '../ddfs/table.mjs'
import {idleDaemon} from './idle.mjs'
import {latency} from './latency.mjs'
import {scans} from './scans.mjs'

const {values} = parseArgs({
  options: {
    size: {type: 'string', default: '2000'},
    rounds: {type: 'string', default: '5'},
    rules: {type: 'string', default: '1000'},
    only: {type: 'string', default: 'scan,latency,idle'},
    large: {type: 'string'},
    build: {type: 'boolean', default: true},
    write: {type: 'boolean', default: false},
  },
  allowNegative: true,
})
const [sizeMb, rounds, ruleCount] = [values.size, values.rounds, values.rules].map(Number)
if (!(sizeMb >= 30 && sizeMb <= 10_000 && rounds >= 1 && rounds <= 20 && ruleCount >= 1 && ruleCount <= 10_000))
  throw new Error('--size 30..10000, --rounds 1..20, --rules 1..10000')
const largeMb = values.large === undefined ? undefined : Number(values.large)
if (largeMb !== undefined && !(largeMb >= 30 && largeMb <= 20_000)) throw new Error('--large 30..20000')
/** Of a size where a run takes seconds, and nothing that takes milliseconds matters. */
const largeRounds = 3
if (values.build) console.error(`build: ${await build()}`)

const parts = {scan: scans, latency, idle: idleDaemon}
const folder = mkdtempSync(join(process.env.BENCH_TMP ?? tmpdir(), 'rules-bench-'))
const results = []
let large = []
try {
  for (const name of values.only.split(',')) {
    if (name === '') continue
    if (parts[name] === undefined) throw new Error(`--only ${Object.keys(parts).join(',')}`)
    const figures = await parts[name]({folder, sizeMb, rounds, ruleCount})
    for (const {what, value} of figures) if (value !== undefined) console.error(`${what}: ${value}`)
    results.push(...figures)
  }
  if (largeMb !== undefined) large = await scans({folder, sizeMb: largeMb, rounds: largeRounds})
} finally {
  rmSync(folder, {recursive: true, force: true})
}
const command = `npm run bench:rules -- --size ${sizeMb} --rounds ${rounds} --rules ${ruleCount}`
const tables = [
  {heading: 'Rules', mark: 'rules table', rows: results, command},
  {heading: 'Rules over more', mark: 'large rules table', rows: large, command: `${command} --large ${largeMb}`},
]
for (const {heading, mark, rows, command: told} of tables) {
  if (rows.length === 0) continue
  const text = table(rows, {command: told})
  process.stdout.write(`${text}\n`)
  if (values.write) writeSection(heading, mark, text)
}
