// What jobs on a one-node cluster with two slots take, beside the same work by other means on the same files:
//
//     npm run bench:jobs -- [--size MB] [--rounds N] [--tiny N] [--only words,sort,empty,tiny] [--write] [--no-build]
//
// Runs each thing several times, in turn with its peers, and prints medians (of two the slower) and ratios; compares all results and fails when they
// differ; asserts no figure. In a temporary folder (BENCH_TMP or the system's) that is removed: it takes up to seven times the
// size of disk (text, its copy in the cluster, intermediate files and results of both).
import {createReadStream, mkdtempSync, rmSync, statSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {createInterface} from 'node:readline/promises'
import {parseArgs} from 'node:util'
import {build} from '../../scripts/build.mjs'
import {submitJob} from '../../src/cli/jobs/submit-job.ts'
import {JobClient, withCluster} from '../../src/client/index.ts'
import {Cluster} from '../ddfs/cluster.mjs'
import {cpuOf, residentMb, shell, timeShell} from './clock.mjs'
import {table, writeTable} from './table.mjs'
import {writeText} from './text.mjs'

const {values} = parseArgs({
  options: {
    size: {type: 'string', default: '1000'},
    rounds: {type: 'string', default: '2'},
    tiny: {type: 'string', default: '50000'},
    only: {type: 'string', default: 'words,sort,empty,tiny'},
    build: {type: 'boolean', default: true},
    write: {type: 'boolean', default: false},
  },
  allowNegative: true,
})
const sizeMb = Number(values.size)
const rounds = Number(values.rounds)
const tinyCount = Number(values.tiny)
const wanted = new Set(values.only.split(','))
if (!(sizeMb >= 1 && sizeMb <= 2000 && rounds >= 1 && rounds <= 20 && tinyCount >= 1 && tinyCount <= 1_000_000))
  throw new Error('--size 1..2000, --rounds 1..20, --tiny 1..1000000')
if (values.build) console.error(`build: ${await build()}`)

const fileCount = 8
/** Of two sort buffers, as two tasks have them by default. */
const sortMemory = '128M'
const emptyRuns = 21

const folder = mkdtempSync(join(process.env.BENCH_TMP ?? tmpdir(), 'jobs-bench-'))
const jobFile = name => join(import.meta.dirname, 'jobs', `${name}.ts`)
const results = []
try {
  const files = wanted.has('words') || wanted.has('sort') ? writeFiles() : []
  const cluster = await Cluster.start(join(folder, 'home'), ['--slots', '2'])
  try {
    Object.assign(process.env, {DISCO_HOME: cluster.home, DISCO_MASTER: cluster.url})
    await cluster.until(1)
    if (files.length > 0) cluster.time(['ddfs', 'push', 'bench:text', ...files])
    await withCluster({}, async client => {
      const jobs = new JobClient(client)
      const [{pid}] = cluster.nodes()
      if (wanted.has('empty')) await emptyJobs(cluster, jobs)
      if (wanted.has('words')) await wordCount(cluster, jobs, pid, files)
      if (wanted.has('sort')) await sort(cluster, jobs, pid, files)
      if (wanted.has('tiny')) await tinyTasks(jobs, pid)
    })
  } finally {
    cluster.stop()
  }
} finally {
  rmSync(folder, {recursive: true, force: true})
}
const command = `npm run bench:jobs -- --size ${sizeMb} --rounds ${rounds} --tiny ${tinyCount}`
const text = table(results, {command})
process.stdout.write(text)
if (values.write) writeTable(text)

function writeFiles() {
  return Array.from({length: fileCount}, (_, index) => {
    const path = join(folder, `text-${index}`)
    writeText(path, (sizeMb * 1e6) / fileCount, index + 1)
    return path
  })
}

async function wordCount(cluster, jobs, pid, files) {
  const [ours, gnu, python] = [[], [], []]
  const all = files.map(path => `'${path}'`).join(' ')
  for (let round = 0; round < rounds; round++) {
    const {job, ...took} = await runJob(jobs, pid, 'word-count')
    ours.push(took)
    gnu.push(
      await timeShell(
        `cat ${all} | tr ' ' '\\n' | sort --parallel=2 -S ${sortMemory} -T . | uniq -c > gnu-words`,
        folder,
      ),
    )
    python.push(await timeShell(`python3 '${join(import.meta.dirname, 'words.py')}' ${all} > python-words`, folder))
    if (round === 0) {
      await sameLines(
        resultsOf(cluster, job, `awk -F'\\t' '{print $2 " " $1}' | sort`),
        `sed 's/^ *//' gnu-words | sort`,
        'sort python-words',
      )
    }
    await jobs.change(job, 'purge')
    for (const name of ['gnu-words', 'python-words']) rmSync(join(folder, name))
  }
  const what = `word count of ${sizeMb} MB`
  results.push({what, sizeMb, ours, peer: `tr, sort --parallel=2 -S ${sortMemory}, uniq -c`, peers: gnu})
  results.push({what, sizeMb, ours, peer: 'Python, a Counter in each of two processes', peers: python})
}

async function sort(cluster, jobs, pid, files) {
  const [ours, gnu] = [[], []]
  const all = files.map(path => `'${path}'`).join(' ')
  const boundaries = await boundariesOf(files[0], 4)
  for (let round = 0; round < rounds; round++) {
    const {job, ...took} = await runJob(jobs, pid, 'sort', [`boundaries=${JSON.stringify(boundaries)}`])
    ours.push(took)
    gnu.push(await timeShell(`sort --parallel=2 -S ${sortMemory} -T . ${all} > gnu-sorted`, folder))
    if (round === 0) await sameLines(resultsOf(cluster, job, `sed 's/\\tnull$//'`), 'cat gnu-sorted')
    await jobs.change(job, 'purge')
    rmSync(join(folder, 'gnu-sorted'))
  }
  results.push({
    what: `sort of ${sizeMb} MB of lines`,
    sizeMb,
    ours,
    peer: `sort --parallel=2 -S ${sortMemory}`,
    peers: gnu,
    told: '0.5 at least',
  })
}

async function emptyJobs(cluster, jobs) {
  const ms = []
  for (let run = 0; run < emptyRuns; run++) {
    const {job, seconds} = await runJob(jobs, undefined, 'tiny')
    ms.push(seconds * 1000)
    await jobs.change(job, 'purge')
  }
  const [first, ...others] = ms
  results.push(
    {what: 'empty job, submit to result: the first one', value: `${first.toFixed(0)} ms`, told: '150 ms at most'},
    {what: 'the same again, median of 20', value: `${median(others).toFixed(0)} ms`, told: '150 ms at most'},
  )
  const commandMs = Array.from({length: 5}, () => cluster.time(['disco', 'run', jobFile('tiny')]))
  results.push({what: 'the same by `disco run`, the command included', value: `${median(commandMs).toFixed(0)} ms`})
}

async function tinyTasks(jobs, pid) {
  for (const count of [Math.min(1000, tinyCount), tinyCount]) {
    const inputs = Array.from({length: count}, (_, number) => `raw://${number}`)
    let residentMax = 0
    const watch = setInterval(() => {
      residentMax = Math.max(residentMax, residentMb(pid))
    }, 200)
    const {job, seconds, cpu} = await runJob(jobs, pid, 'tiny', [], inputs)
    clearInterval(watch)
    await jobs.change(job, 'purge')
    results.push({
      what: `${count} tiny tasks`,
      value: `${Math.round(count / seconds)} tasks/s`,
      beside: `${((cpu * 1000) / count).toFixed(2)} ms of processor time a task; master and agent hold ${Math.round(Math.max(residentMax, residentMb(pid)))} MB`,
      told: '2,000/s, 500 MB at most',
    })
  }
}

/** Submit to result; the processor time is that of master, agent and tasks. */
async function runJob(jobs, pid, name, param = [], inputs = []) {
  const cpuBefore = pid === undefined ? 0 : cpuOf(pid)
  const started = performance.now()
  const job = await submitJob(jobs, jobFile(name), inputs, {param})
  const {state, error} = await jobs.wait(job)
  const seconds = (performance.now() - started) / 1000
  if (state !== 'done') throw new Error(`${job} is ${state}: ${JSON.stringify(error)}`)
  return {job, seconds, cpu: pid === undefined ? 0 : cpuOf(pid) - cpuBefore}
}

/** A shell's command line that prints a job's results. */
function resultsOf(cluster, job, filter) {
  const root = join(import.meta.dirname, '../..')
  const tool = `'${join(root, 'node_modules/.bin/node')}' '${join(root, 'bin/run.js')}'`
  return `DISCO_HOME='${cluster.home}' DISCO_MASTER='${cluster.url}' ${tool} disco results '${job}' | ${filter}`
}

/** @throws when what the command lines print is not the same */
async function sameLines(...commands) {
  const sums = []
  for (const command of commands) sums.push((await shell(`${command} | sha256sum`, folder)).stdout)
  if (new Set(sums).size > 1) throw new Error(`the results differ:\n${commands.join('\n')}`)
}

/** Lines that cut a sample of a file into parts of the same size. */
async function boundariesOf(path, parts) {
  const sample = []
  const end = Math.min(statSync(path).size, 2e6)
  for await (const line of createInterface({input: createReadStream(path, {end})})) sample.push(line)
  sample.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  return Array.from({length: parts - 1}, (_, index) => sample[Math.floor(((index + 1) * sample.length) / parts)])
}

function median(list) {
  return list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)]
}
