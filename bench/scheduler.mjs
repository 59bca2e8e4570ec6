/**
 * What a decision of the scheduler costs: node bench/scheduler.mjs [TASKS [NODES]]
 *
 * A decision is a task made, placed or ended, or an event that led to none of these. A step that makes many takes them at
 * their mean; how long whole steps take is said beside it.
 * Without arguments: jobs of tiny tasks of growing size on ten nodes (cost per task should be flat), and a smaller version of
 * the big cluster. The big one: node bench/scheduler.mjs 1000000 1000
 */
import {performance} from 'node:perf_hooks'
import {makeSchedulerState, stepScheduler} from '../src/scheduler/index.ts'

const slots = 4

/** Says which steps are the slow ones. */
const isTalkative = process.env['SLOW_STEPS'] !== undefined

/** Runs a job to its end, answering each order at once; the shell's work (journal, network) is not in it. */
function runJob(taskCount, nodeCount, stages) {
  const state = makeSchedulerState({tasksMax: 10_000_000})
  let nowMs = 1
  let orders = []
  let wakeMs = Infinity
  const times = new Float64Array(taskCount * 4 + 100_000)
  const counts = new Uint32Array(times.length)
  let stepCount = 0
  let madeCount = 0
  let decisions = 0
  const feed = event => {
    const startMs = performance.now()
    const effects = stepScheduler(state, {...event, nowMs})
    const ms = performance.now() - startMs
    let count = 0
    for (const effect of effects) {
      if (effect.type === 'start-run') {
        orders.push(effect)
        count++
      } else if (effect.type === 'accept-run') count++
      else if (effect.type === 'wake') wakeMs = Math.min(wakeMs, effect.atMs)
    }
    let made = 0
    for (const job of state.jobs.values()) made += job.taskCount
    count = Math.max(1, count + made - madeCount)
    madeCount = made
    // A million inputs at once; its time is said by itself.
    if (event.type === 'request') return effects
    decisions += count
    counts[stepCount] = count
    times[stepCount++] = ms
    if (isTalkative && ms > 10)
      process.stderr.write(`${ms.toFixed(1)} ms: ${event.type}, ${count} decisions, ${madeCount} tasks\n`)
    return effects
  }
  for (let number = 0; number < nodeCount; number++) {
    const node = `n${number}`
    feed({type: 'node-joined', node, link: 1, slots})
    feed({type: 'node-ready', node, link: 1})
  }
  const inputs = Array.from({length: taskCount}, (_, number) => ({
    label: 0,
    bytes: 1000,
    records: 1,
    place: {type: 'blob', blob: 'b'},
    nodes: [0, 1, 2].map(replica => `n${(number * 7 + replica * 13) % nodeCount}`),
  }))
  const startMs = performance.now()
  feed({
    type: 'request',
    id: 1,
    request: {type: 'submit', spec: {name: 'job', owner: 'bench', pipeline: stages, inputs}},
  })
  const submitMs = performance.now() - startMs
  while (state.activeJobs > 0) {
    if (orders.length === 0) {
      nowMs = Math.max(nowMs, wakeMs)
      wakeMs = Infinity
      feed({type: 'tick'})
      continue
    }
    const batch = orders
    orders = []
    for (const {node, job, task, run} of batch) {
      nowMs += 0.05
      const outputs = [{label: task % 10, bytes: 100, records: 1, place: {type: 'file', node, path: `${run}`}}]
      feed({type: 'run-done', node, job, task, run, outputs, progress: {records: 1, bytes: 1000, cpuMs: 1}})
      if (nowMs >= wakeMs) {
        wakeMs = Infinity
        feed({type: 'tick'})
      }
    }
  }
  const ms = performance.now() - startMs
  const at = quantiles(times.subarray(0, stepCount), counts.subarray(0, stepCount), decisions)
  const steps = times.slice(0, stepCount).sort()
  const stepAt = share => steps[Math.floor(share * (stepCount - 1))].toFixed(1)
  const {heapUsed} = process.memoryUsage()
  process.stdout.write(
    `${String(taskCount).padStart(8)} tasks ${String(nodeCount).padStart(5)} nodes  ` +
      `${((ms * 1000) / taskCount).toFixed(1).padStart(6)} µs/task  ${Math.round((taskCount / ms) * 1000)} tasks/s  ` +
      `decision p50 ${at(0.5)} p99 ${at(0.99)} p99.9 ${at(0.999)} max ${at(1)} µs  ` +
      `step p99.9 ${stepAt(0.999)} max ${stepAt(1)} ms  submit ${submitMs.toFixed(0)} ms  ` +
      `heap ${Math.round(heapUsed / 1e6)} MB  (${decisions} decisions)\n`,
  )
}

/** @returns microseconds that this share of all decisions take at most */
function quantiles(times, counts, decisions) {
  const order = Uint32Array.from(times, (_, step) => step).sort(
    (left, right) => times[left] / counts[left] - times[right] / counts[right],
  )
  return share => {
    let seen = 0
    for (const step of order) {
      seen += counts[step]
      if (seen >= share * decisions) return ((times[step] / counts[step]) * 1000).toFixed(1)
    }
    return '-'
  }
}

const map = {name: 'map', grouping: 'split', isConcurrent: false}
const reduce = {name: 'reduce', grouping: 'group-label', isConcurrent: false}
const [taskCount, nodeCount] = process.argv.slice(2).map(Number)
if (taskCount) runJob(taskCount, nodeCount || 10, [map, reduce])
else {
  runJob(1000, 10, [map, reduce])
  for (const count of [1000, 5000, 10_000, 50_000]) runJob(count, 10, [map, reduce])
  runJob(100_000, 1000, [map])
}
