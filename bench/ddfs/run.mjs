// What a cluster on this machine does in a second, beside the same work by hand:
//
//     node bench/ddfs/run.mjs [--size MB] [--rounds N] [--appends N] [--write] [--no-build]
//
// Runs each thing several times, in turn with its peer and in changing order, and prints medians and ratios; asserts
// nothing. Everything on loopback, in a temporary folder (BENCH_TMP or the system's) that is removed: it takes
// three times the size of disk a round.
import {execFileSync, spawnSync} from 'node:child_process'
import {closeSync, fsyncSync, mkdtempSync, openSync, rmSync, statSync, writeSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {parseArgs} from 'node:util'
import {build} from '../../scripts/build.mjs'
import {appendRates} from './appends.mjs'
import {Cluster} from './cluster.mjs'
import {readRate} from './read.mjs'
import {table, writeTable} from './table.mjs'

const {values} = parseArgs({
  options: {
    size: {type: 'string', default: '1000'},
    rounds: {type: 'string', default: '5'},
    appends: {type: 'string', default: '4000'},
    build: {type: 'boolean', default: true},
    write: {type: 'boolean', default: false},
  },
  allowNegative: true,
})
const sizeMb = Number(values.size)
const rounds = Number(values.rounds)
const appendCount = Number(values.appends)
if (!(sizeMb >= 1 && sizeMb <= 10_000 && rounds >= 1 && rounds <= 20 && appendCount >= 1))
  throw new Error('--size 1..10000, --rounds 1..20, --appends 1 at least')
if (values.build) console.error(`build: ${await build()}`)

const root = join(import.meta.dirname, '../..')
const folder = mkdtempSync(join(process.env.BENCH_TMP ?? tmpdir(), 'ddfs-bench-'))
const log = join(folder, 'ads.ndjson')
/** 191 bytes a line. */
const lineCount = Math.ceil((sizeMb * 1e6) / 191)
execFileSync(process.execPath, [join(root, 'scripts/ad-logs.mjs'), '--lines', String(lineCount), '--out', log])
const bytes = statSync(log).size
const results = []

try {
  await oneNode()
  await threeNodes()
  results.push(...(await starting()))
} finally {
  rmSync(folder, {recursive: true, force: true})
}
const text = table(results, {command: `node bench/ddfs/run.mjs --size ${sizeMb} --rounds ${rounds}`})
process.stdout.write(text)
if (values.write) writeTable(text)

async function oneNode() {
  const cluster = await Cluster.start(join(folder, 'one'), [])
  try {
    const chunkMs = []
    const byHandMs = []
    const pushMs = []
    const copyMs = []
    for (let round = 0; round < rounds; round++) {
      // Content that is stored already is not sent again: so chunks are cut elsewhere and files end otherwise each time.
      const chunkSize = `${64 * 1024 * 1024 - round}`
      inTurn(
        round,
        () => chunkMs.push(cluster.time(['ddfs', 'chunk', `bench:chunk:${round}`, log, '--size', chunkSize])),
        () => byHandMs.push(compressByHand()),
      )
      appendLine(round)
      inTurn(
        round,
        () => pushMs.push(cluster.time(['ddfs', 'push', `bench:push:${round}`, log])),
        () => copyMs.push(copyByHand()),
      )
    }
    results.push(
      {
        what: 'chunk to one node (cut, zstd, hash, send, fsync)',
        rate: rateOf(chunkMs),
        peer: 'zstd -1, cp, fsync',
        peerRate: rateOf(byHandMs),
        goal: 0.7,
      },
      {
        what: 'push to one node (hash, send, hash, fsync)',
        rate: rateOf(pushMs),
        peer: 'zstd -1, cp, fsync',
        peerRate: rateOf(byHandMs),
        goal: 0.7,
      },
      {what: 'the same', rate: rateOf(pushMs), peer: 'cp, fsync', peerRate: rateOf(copyMs), goal: 0.7},
    )
    const readMbs = []
    for (let round = 0; round < rounds; round++) readMbs.push(await readRate(cluster, `bench:push:${round}`))
    results.push({what: 'read one blob over HTTP, every block verified', rate: median(readMbs), goalRate: 700})
    results.push(...(await appendRates(cluster, appendCount, rounds)))
  } finally {
    cluster.stop()
  }
}

async function threeNodes() {
  const cluster = await Cluster.start(join(folder, 'three'), ['--agents', '3'])
  try {
    await cluster.until(3)
    const idleMb = cluster.agentMemoryMb()
    const ms = []
    const diskMs = []
    for (let round = 0; round < rounds; round++) {
      appendLine(100 + round)
      inTurn(
        round,
        () => ms.push(cluster.time(['ddfs', 'push', `bench:three:${round}`, log])),
        () => diskMs.push(writeThreeByHand()),
      )
    }
    const tripled = of => (3 * bytes) / 1e6 / (median(of) / 1000)
    results.push({
      what: 'push with three copies on three agents, bytes written',
      rate: tripled(ms),
      peer: 'streaming write of three files, fsync',
      peerRate: tripled(diskMs),
      goal: 0.6,
    })
    results.push({what: 'memory of an idle agent', value: `${idleMb.toFixed(0)} MB`, told: '90 MB at most'})
  } finally {
    cluster.stop()
  }
}

async function starting() {
  const ms = []
  for (let round = 0; round < rounds; round++) {
    const started = performance.now()
    const cluster = await Cluster.start(join(folder, `start-${round}`), [])
    ms.push(performance.now() - started)
    cluster.stop()
  }
  return [
    {what: 'disco start --detach until it answers', value: `${(median(ms) / 1000).toFixed(2)} s`, told: '1 s at most'},
  ]
}

/** Whoever comes second finds other pages in memory: they take turns. */
function inTurn(round, ours, byHand) {
  for (const work of round % 2 === 0 ? [ours, byHand] : [byHand, ours]) work()
}

/** Makes the file another one without writing it anew. */
function appendLine(number) {
  const file = openSync(log, 'a')
  writeSync(file, `{"round":${number}}\n`)
  closeSync(file)
}

function compressByHand() {
  const out = join(folder, 'by-hand.zst')
  const copy = join(folder, 'by-hand-copy.zst')
  const ms = timed(() => {
    run('zstd', ['-1', '-q', '-f', log, '-o', out])
    run('cp', [out, copy])
    sync(copy)
  })
  for (const path of [out, copy]) rmSync(path)
  return ms
}

function copyByHand() {
  const copy = join(folder, 'copy')
  const ms = timed(() => {
    run('cp', [log, copy])
    sync(copy)
  })
  rmSync(copy)
  return ms
}

/** What the disk takes when nothing else is to be done. */
function writeThreeByHand() {
  const copies = [0, 1, 2].map(index => join(folder, `disk-${index}`))
  const ms = timed(() => {
    for (const copy of copies) {
      run('dd', [`if=${log}`, `of=${copy}`, 'bs=1M', 'conv=fsync', 'status=none'])
    }
  })
  for (const copy of copies) rmSync(copy)
  return ms
}

function timed(work) {
  const started = performance.now()
  work()
  return performance.now() - started
}

function sync(path) {
  const file = openSync(path, 'r+')
  fsyncSync(file)
  closeSync(file)
}

function run(program, args) {
  const {status, stderr} = spawnSync(program, args, {stdio: ['ignore', 'ignore', 'pipe']})
  if (status !== 0) throw new Error(`${program} failed: ${stderr}`)
}

function rateOf(ms) {
  return bytes / 1e6 / (median(ms) / 1000)
}

function median(list) {
  const sorted = list.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)]
}
