/** A cluster that a script plays: many jobs, 5,000 tasks, a node that gets lost, a master that goes and comes back. */

import type {JobEventInfo, JobInfo, NodeInfo, StageInfo, TaskInfo} from '../../../../src/protocol/index.ts'
import type {
  JobDetail,
  JobOrder,
  MonitorJob,
  MonitorSource,
  RunningTask,
  Snapshot,
  SnapshotRequest,
} from '../../../../src/ui/index.ts'

/** 2026-11-23 12:00:00 UTC */
export const startedAtMs = Date.UTC(2026, 10, 23, 12)

export const bigJob = 'wordcount@5f2:ab3:91c'

export interface FakeOptions {
  readonly taskCount?: number
  readonly jobCount?: number
  readonly nodeCount?: number
  /** Snapshots at which nobody answers, from and to (without). */
  readonly lostFrom?: number
  readonly lostTo?: number
  /** The snapshot from which the last node is lost. */
  readonly nodeLostFrom?: number
  /** From here on nothing changes any more. */
  readonly lastStep?: number
  /** Changes something in every name that strangers choose. */
  readonly nameSuffix?: string
  readonly warnings?: readonly string[]
}

const mb = 1_000_000

/** The cluster `step` seconds after the start: the same for the same step. */
export function fakeSnapshot(step: number, request: SnapshotRequest, options: FakeOptions = {}): Snapshot {
  const {taskCount = 80, jobCount = 6, nodeCount = 4, nameSuffix = '', warnings = []} = options
  const nowMs = startedAtMs + step * 1000
  const isNodeLost = step >= (options.nodeLostFrom ?? Infinity)
  const nodes = Array.from({length: nodeCount}, (_, index) =>
    fakeNode(index, nowMs, isNodeLost && index === nodeCount - 1),
  )
  const big = fakeJob(bigJob + nameSuffix, step, taskCount, nodeCount)
  const jobs = [big.info, ...Array.from({length: jobCount - 1}, (_, index) => otherJob(index, nowMs, nameSuffix))]
  const running: RunningTask[] = big.tasks
    .filter(({state}) => state === 'running')
    .map(task => ({job: big.info.job, task}))
  const upCount = isNodeLost ? nodeCount - 1 : nodeCount
  return {
    cluster: {
      clusterId: 'c1',
      epoch: 1,
      master: 'web1',
      address: 'http://web1:8989',
      version: '0.1.0',
      startedAtMs: startedAtMs - 7_620_000,
      nowMs,
      nodeCount,
      upCount,
      tagCount: 312,
      blobCount: 48_113,
      usedBytes: 1_800_000 * mb,
      freeBytes: 2_400_000 * mb,
      warnings: [
        ...warnings,
        ...(isNodeLost ? [`node web${nodeCount} does not answer: 212 blobs have one copy less`] : []),
      ],
    },
    nodes,
    maintenance: {
      repair: {
        underReplicatedCount: isNodeLost ? 212 : 0,
        missingCount: 0,
        inFlightCount: 0,
        bytesLeft: isNodeLost ? 1200 * mb : 0,
        etaMs: 94_000,
      },
      gc: {
        phase: 'find',
        isDryRun: false,
        candidateCount: 10,
        suspectCount: 2,
        droppedCount: 3,
        droppedBytes: 5 * mb,
        heldBack: [],
        deletions: [],
        deletionCount: 0,
      },
      balance: {isRunning: false, movedCount: 0, movedBytes: 0, message: ''},
      scrub: {isRunning: true, blobCount: 1234, bytes: 98_000 * mb, corruptCount: 0},
    },
    jobs,
    running,
    ...(request.job === big.info.job && {
      job: {...big, events: big.events.filter(({number}) => number > request.eventsAfter)},
    }),
  }
}

function fakeNode(index: number, nowMs: number, isLost: boolean): NodeInfo {
  return {
    name: `web${index + 1}`,
    state: isLost ? 'lost' : index === 2 ? 'draining' : 'up',
    ...(index === 2 && {drainBlobsLeft: 118, drainTagsLeft: 2}),
    address: `http://10.0.0.${index + 1}:8989`,
    pid: 4000 + index,
    slotCount: 8,
    status: {
      freeBytes: (600 - index * 130) * 1000 * mb,
      usedBytes: (300 + index * 130) * 1000 * mb,
      blobCount: 12_000 + index,
      tagCount: 78,
      reserveBytes: 10_000 * mb,
      isFull: index === 3,
      corruptCount: 0,
      transferCount: index,
    },
    lastSeenMs: isLost ? nowMs - 42_000 : nowMs - 300,
    version: '0.1.0',
    isMaster: index === 0,
  }
}

/** Tasks are done one after the other, four a second for each node; task 7 is slow, tasks 11 and 12 have failed once. */
function fakeJob(name: string, step: number, taskCount: number, nodeCount: number): JobDetail {
  const mapCount = Math.ceil(taskCount * 0.8)
  const doneTotal = Math.min(taskCount, step * 4 * nodeCount)
  const runningTotal = Math.min(taskCount - doneTotal, 4 * nodeCount)
  const nowMs = startedAtMs + step * 1000
  const tasks = Array.from({length: taskCount}, (_, task) =>
    fakeTask(task, task < mapCount ? 'map' : 'reduce', doneTotal, runningTotal, nowMs, nodeCount),
  )
  const stages = [
    fakeStage(
      'map',
      tasks.filter(({stage}) => stage === 'map'),
    ),
    fakeStage(
      'reduce',
      tasks.filter(({stage}) => stage === 'reduce'),
    ),
  ]
  const isDone = doneTotal === taskCount
  const info: JobInfo = {
    job: name,
    owner: 'ville',
    state: isDone ? 'done' : 'running',
    submittedAtMs: startedAtMs - 2000,
    startedAtMs,
    ...(isDone && {endedAtMs: nowMs}),
    taskCount,
    doneCount: doneTotal,
    runningCount: runningTotal,
    failedCount: 3,
    priority: 0,
    weight: 1,
    stages,
    nowMs,
  }
  return {info, tasks, events: fakeEvents(step)}
}

function fakeTask(
  task: number,
  stage: string,
  doneTotal: number,
  runningTotal: number,
  nowMs: number,
  nodeCount: number,
): TaskInfo {
  const isDone = task < doneTotal
  const isRunning = !isDone && task < doneTotal + runningTotal
  const hasFailed = task === 11 || task === 12
  return {
    task,
    stage,
    state: isDone ? 'done' : isRunning ? 'running' : task % 17 === 3 ? 'held' : 'pending',
    attemptCount: isDone || isRunning ? (hasFailed ? 2 : 1) : 0,
    ...((isDone || isRunning) && {
      node: `web${(task % nodeCount) + 1}`,
      startedAtMs: nowMs - (task === 7 ? 9000 : 800),
    }),
    ...(isDone && {durationMs: task === 7 ? 9000 : 700 + (task % 13) * 20}),
    records: isDone ? 10_000 + task : 0,
    bytes: isDone ? 4 * mb : 0,
    ...(hasFailed && {
      error: "TypeError: Cannot read properties of undefined (reading 'split')\n    at map (wordcount.ts:14:22)",
    }),
  }
}

function fakeStage(name: string, tasks: readonly TaskInfo[]): StageInfo {
  const count = (state: TaskInfo['state']): number => tasks.filter(task => task.state === state).length
  const doneCount = count('done')
  return {
    name,
    grouping: name === 'map' ? 'split' : 'group-label',
    isConcurrent: false,
    state: doneCount === tasks.length ? 'done' : doneCount + count('running') > 0 ? 'running' : 'waiting',
    taskCount: tasks.length,
    pendingCount: count('pending'),
    heldCount: count('held'),
    runningCount: count('running'),
    doneCount,
    failedCount: name === 'map' ? 3 : 0,
    records: doneCount * 10_000,
    bytes: doneCount * 4 * mb,
    cpuMs: doneCount * 650,
    ...(doneCount > 0 && {medianMs: 820, p90Ms: 940, skew: 1.4}),
  }
}

function otherJob(index: number, nowMs: number, nameSuffix: string): MonitorJob {
  const states = ['paused', 'queued', 'failed', 'done', 'cancelled'] as const
  const state = states[index % states.length]!
  const isEnded = index % states.length >= 2
  return {
    job: `${['join', 'sort', 'index', 'daily', 'probe'][index % 5]}@${(0x4a1 + index).toString(16)}${nameSuffix}`,
    owner: index % 2 === 0 ? 'ville' : 'jens',
    state,
    submittedAtMs: startedAtMs - (index + 1) * 60_000,
    startedAtMs: startedAtMs - index * 60_000,
    ...(isEnded && {endedAtMs: Math.min(nowMs, startedAtMs - index * 50_000)}),
    taskCount: state === 'queued' ? 0 : 40,
    doneCount: state === 'done' ? 40 : state === 'queued' ? 0 : 12,
    runningCount: 0,
    failedCount: state === 'failed' ? 4 : 0,
    ...(state === 'failed' && {
      error: {message: 'four attempts failed the same way: out of memory', stage: 'reduce', task: 3, node: 'web2'},
    }),
  }
}

function fakeEvents(step: number): JobEventInfo[] {
  const events: JobEventInfo[] = [
    {number: 1, atMs: startedAtMs, kind: 'job', source: 'master', text: 'the job begins'},
    {number: 2, atMs: startedAtMs + 10, kind: 'stage', source: 'map', text: 'stage map begins with its tasks'},
    {
      number: 3,
      atMs: startedAtMs + 900,
      kind: 'error',
      source: 'web4',
      text: "task 11 failed: TypeError: Cannot read properties of undefined (reading 'split')",
    },
  ]
  for (let number = 4; number < 4 + step; number++) {
    const kind = number % 7 === 0 ? 'warning' : 'message'
    events.push({
      number,
      atMs: startedAtMs + number * 250,
      kind,
      source: `web${(number % 4) + 1}`,
      text: `merged ${number * 10} label files`,
    })
  }
  return events
}

export interface FakeSource extends MonitorSource {
  readonly orders: [JobOrder, string][]
}

/** Every look is a step further. */
export function fakeSource(options: FakeOptions = {}): FakeSource {
  let step = 0
  const orders: [JobOrder, string][] = []
  return {
    orders,
    poll: async request => {
      const now = step++
      const shown = Math.min(now, options.lastStep ?? now)
      if (now >= (options.lostFrom ?? Infinity) && now < (options.lostTo ?? Infinity))
        throw new Error('nothing answers at http://web1:8989')
      return fakeSnapshot(shown, request, options)
    },
    order: async (order, job) => {
      orders.push([order, job])
    },
  }
}
