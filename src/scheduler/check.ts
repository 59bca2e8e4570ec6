/** All that must hold between two steps. Slow: for tests, and on demand. */
import {assert} from '../base/index.ts'
import {isInStack, tasksIn} from './fifo.ts'
import {jobEventsMax} from './limits.ts'
import {isAllowed} from './place.ts'
import {mayRunOn} from './queue.ts'
import {isUsable, usedSlots} from './slots.ts'
import {
  hasAllSlots,
  isActive,
  isAvailable,
  type Job,
  type Node,
  runningIn,
  type SchedulerState,
  type StageState,
  type Task,
} from './state.ts'

/** @throws InvariantError naming the first invariant that does not hold */
export function checkScheduler(state: SchedulerState): void {
  checkCounts(state)
  checkNodes(state)
  checkRuns(state)
  for (const job of state.jobs.values()) checkJob(state, job)
  if (state.freeSlots > 0) checkNothingIsLeft(state)
}

function checkCounts(state: SchedulerState): void {
  const active = [...state.jobs.values()].filter(isActive)
  assert(state.activeJobs === active.length, `${active.length} jobs are active, not ${state.activeJobs}`)
  const admitted = active.filter(job => job.isAdmitted).length
  assert(state.admittedJobs === admitted, `${admitted} jobs are admitted, not ${state.admittedJobs}`)
  const queued = active.filter(job => job.state === 'queued').length
  assert(state.queued.size === queued, `${queued} jobs are queued, not ${state.queued.size}`)
  assert(admitted <= Math.max(state.settings.jobsRunningMax, state.admittedBefore), 'no more jobs run than may')
  const tasks = active.reduce((sum, job) => sum + job.taskCount + job.inputCount, 0)
  assert(state.activeTasks === tasks, `${tasks} tasks and inputs are active, not ${state.activeTasks}`)
  assert(state.nextRun <= state.nextRunBlock, 'run numbers are reserved before they are given out')
}

function checkNodes(state: SchedulerState): void {
  let freeSlots = 0
  for (const node of state.nodes.values()) {
    assert(state.usable.has(node) === isUsable(node), `${node.name} is known as usable when it is`)
    const free = isUsable(node) ? Math.max(0, node.slots - usedSlots(node)) : 0
    assert(node.free === free, `${node.name} has ${free} free slots, not ${node.free}`)
    assert(free === 0 || state.byFree[free]!.has(node), `${node.name} is found by its free slots`)
    freeSlots += free
    assert(node.ahead.size === 0 || usedSlots(node) >= node.slots, `nothing waits at ${node.name} beside a free slot`)
    for (const stage of node.waiting) assert(stage.local.has(node), `${stage.name} has a queue for ${node.name}`)
    for (const [job, tasks] of node.results) {
      assert(isActive(job), `${node.name} remembers files of jobs that are not over`)
      for (const task of tasks) assert(task.result?.node === node, `${task.number} has its result on ${node.name}`)
    }
    if (node.state === 'lost') assert(node.runs.size === 0, `nothing runs on ${node.name}, which is lost`)
  }
  assert(state.freeSlots === freeSlots, `${freeSlots} slots are free, not ${state.freeSlots}`)
}

function checkRuns(state: SchedulerState): void {
  let count = 0
  for (const node of state.nodes.values()) count += node.runs.size
  assert(count === state.runs.size, 'each run is on one node')
  for (const run of state.runs) {
    assert(run.id < state.nextRun, `run ${run.id} has been given out`)
    assert(
      run.node.runs.has(run) && run.task.runs.includes(run) && run.task.stage.runs.has(run),
      `run ${run.id} is booked`,
    )
    assert(run.isAhead === run.node.ahead.has(run), `run ${run.id} is known as ordered ahead when it is`)
    assert(!run.isAhead || run.readyMs === Infinity, `the time of run ${run.id}, which waits, does not count`)
    assert(run.task.state === 'running', `task ${run.task.number} of run ${run.id} is running`)
    assert(isActive(run.task.job), `job ${run.task.job.name} of run ${run.id} is not over`)
  }
}

function checkJob(state: SchedulerState, job: Job): void {
  assert(job.events.length < jobEventsMax * 2, 'events in memory are bounded')
  if (!isActive(job)) {
    assert(
      job.running === 0 && !state.hungry.has(job) && !state.choosy.has(job),
      `${job.name} is over and asks for nothing`,
    )
    assert(job.state !== 'done' || job.results !== undefined, `${job.name} is done and has results`)
    return
  }
  let running = 0
  let isPreviousComplete = true
  for (const stage of job.stages) {
    checkStage(job, stage)
    assert(!stage.isClosed || isPreviousComplete, `${stage.name} is closed after the stage before it is complete`)
    isPreviousComplete = stage.isComplete
    running += stage.runs.size
  }
  assert(job.running === running, `${job.name} has ${running} runs, not ${job.running}`)
  job.tasks.forEach((task, number) => {
    assert(task.number === number, `task ${number} has its number`)
  })
}

function checkStage(job: Job, stage: StageState): void {
  const counts = {blocked: 0, held: 0, pending: 0, running: 0, done: 0}
  const queued = new Set([...tasksIn(stage.any), ...tasksIn(stage.waiting)])
  for (const task of stage.tasks) {
    counts[task.state]++
    checkTask(task)
    assert(task.state !== 'pending' || queued.has(task), `task ${task.number} is queued`)
  }
  for (const state of ['blocked', 'held', 'pending', 'running', 'done'] as const) {
    assert(stage.counts[state] === counts[state], `${counts[state]} tasks of ${stage.name} are ${state}`)
  }
  const aheadCount = [...stage.runs].filter(run => run.isAhead).length
  assert(stage.aheadCount === aheadCount, `${aheadCount} runs of ${stage.name} wait, not ${stage.aheadCount}`)
  const isInOrder = stage.tasks.every((task, at) => at === 0 || stage.tasks[at - 1]!.key < task.key)
  assert(!stage.isInOrder || isInOrder, `tasks of ${stage.name} lie by their keys when it says so`)
  const onceDone = stage.tasks.filter(task => task.result !== undefined).length
  assert(stage.onceDone === onceDone, `${onceDone} tasks of ${stage.name} have been done, not ${stage.onceDone}`)
  assert(
    !stage.isComplete || (stage.isClosed && onceDone === stage.tasks.length),
    `${stage.name} is complete when it is`,
  )
  const last = job.stages.at(-1)!
  if (stage !== last) return
  assert(
    stage.tasks.every(task => task.state !== 'done' || isAvailable(task)),
    'lost results are made again',
  )
}

function checkTask(task: Task): void {
  const {number, state} = task
  assert((state === 'running') === task.runs.length > 0, `task ${number} is running when it has runs`)
  assert(
    new Set(task.runs.map(run => run.node)).size === task.runs.length,
    `runs of task ${number} are on different nodes`,
  )
  if (state === 'done') {
    assert(task.result !== undefined, `task ${number} is done and has a result`)
    const {node, set, isLost} = task.result
    const hasFiles = set.outputs.some(output => output.place.type === 'file')
    const isBooked = node.results.get(task.job)?.has(task) ?? false
    assert(isLost || !hasFiles || isBooked, `the files of task ${number} are remembered`)
    assert(isLost || !hasFiles || node.state !== 'lost', `the files of task ${number} are on a node that is there`)
    return
  }
  const missing = task.producers.filter(producer => !isAvailable(producer))
  assert(task.missing === missing.length, `task ${number} misses ${missing.length} producers, not ${task.missing}`)
  for (const producer of missing) {
    assert(producer.state !== 'done', `task ${producer.number} is made again for task ${number}`)
  }
  if (state === 'blocked') assert(task.missing > 0, `task ${number} is blocked by something`)
  if (state === 'pending' || state === 'held') assert(task.missing === 0, `task ${number} has all it needs`)
}

/** No free slot stays free while a task may take it. */
function checkNothingIsLeft(state: SchedulerState): void {
  const free = [...state.nodes.values()].filter(node => node.free > 0)
  for (const job of state.jobs.values()) {
    if (job.state !== 'running' || hasAllSlots(state, job) || state.hungry.has(job)) continue
    let earlierRunning = 0
    for (const stage of job.stages) {
      if (stage.counts.pending > 0 && isAllowed(stage, earlierRunning)) {
        for (const task of stage.tasks) if (task.state === 'pending') checkCannotStart(state, task, free)
      }
      if (!stage.isComplete) earlierRunning += runningIn(stage)
    }
  }
}

function checkCannotStart(state: SchedulerState, task: Task, free: readonly Node[]): void {
  const isWaiting =
    state.nowMs - task.queuedMs < state.settings.localityWaitMs &&
    !tasksIn(task.stage.any).some(other => other === task)
  for (const node of free) {
    const queue = task.stage.local.get(node)
    const isLocal =
      queue !== undefined && (tasksIn(queue.own).some(other => other === task) || isInStack(queue.shared, task))
    // A queue's first tasks may avoid every free node; those behind them wait with them.
    if (state.choosy.has(task.job)) continue
    if (isWaiting && !isLocal) continue
    assert(
      !mayRunOn(state, task, node),
      `task ${task.number} of ${task.job.name} starts on ${node.name}, which is free`,
    )
  }
}
