// Rules over the tags of a one-node cluster with two slots, beside the same rules over the same files, and what a daemon takes:
//
//     npm run bench:rules -- [--size MB] [--rounds N] [--rules N] [--only scan,latency,idle] [--write] [--no-build]
//
// Runs each thing several times, in turn with its peer, and prints medians and ratios; compares all rows and fails when they differ;
// asserts no figure. In a temporary folder (BENCH_TMP or the system's) that is removed: it takes 2.3 times the size of disk.
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
    build: {type: 'boolean', default: true},
    write: {type: 'boolean', default: false},
  },
  allowNegative: true,
})
const [sizeMb, rounds, ruleCount] = [values.size, values.rounds, values.rules].map(Number)
if (!(sizeMb >= 30 && sizeMb <= 10_000 && rounds >= 1 && rounds <= 20 && ruleCount >= 1 && ruleCount <= 10_000))
  throw new Error('--size 30..10000, --rounds 1..20, --rules 1..10000')
if (values.build) console.error(`build: ${await build()}`)

const parts = {scan: scans, latency, idle: idleDaemon}
const folder = mkdtempSync(join(process.env.BENCH_TMP ?? tmpdir(), 'rules-bench-'))
const results = []
try {
  for (const name of values.only.split(',')) {
    if (parts[name] === undefined) throw new Error(`--only ${Object.keys(parts).join(',')}`)
    const figures = await parts[name]({folder, sizeMb, rounds, ruleCount})
    for (const {what, value} of figures) if (value !== undefined) console.error(`${what}: ${value}`)
    results.push(...figures)
  }
} finally {
  rmSync(folder, {recursive: true, force: true})
}
const text = table(results, {
  command: `npm run bench:rules -- --size ${sizeMb} --rounds ${rounds} --rules ${ruleCount}`,
})
process.stdout.write(text)
if (values.write) writeSection('Rules', 'rules table', text)
