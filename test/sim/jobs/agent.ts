/** An agent: runs what it is told, keeps files, tells again what was not accepted. */
import {assert} from '../../../src/base/index.ts'
import type {Output} from '../../../src/pipeline/index.ts'
import type {
  Failure,
  LostInput,
  Progress,
  RunInput,
  RunReport,
  SchedulerEffect,
  StartRun,
} from '../../../src/scheduler/index.ts'
import {work} from './symbols.ts'
import {feed, fire, note, type World} from './world.ts'

type Order = Extract<SchedulerEffect, {type: 'start-run' | 'push-inputs' | 'stop-run' | 'accept-run' | 'end-job'}>

interface AgentRun {
  readonly start: StartRun
  readonly inputs: Map<string, RunInput>
  hasAllInputs: boolean
  /** Ordered ahead, and its turn has not come. */
  isWaiting: boolean
  state: 'running' | 'done' | 'failed'
  outputs: readonly Output[]
  failure: Failure | undefined
  /** The time that it takes once it has its inputs. */
  readonly workMs: number
}

export interface SimAgent {
  readonly name: string
  slots: number
  isRunning: boolean
  /** 0: not connected. */
  link: number
  /** Messages of the present link that are under way keep their order. */
  lastToMs: number
  lastFromMs: number
  readonly runs: Map<number, AgentRun>
  /** Runs that were stopped: an order to start one that comes again is not obeyed. */
  readonly seen: Set<number>
  readonly files: Map<string, readonly string[]>
  isWiped: boolean
  isSlow: boolean
  isFailing: boolean
  /** Grows with each start: what an earlier process had begun does not end. */
  process: number
  /** The membership lost it: it must join anew. */
  lostTimer: number
}

export const makeAgent = (name: string, slots: number): SimAgent => ({
  name,
  slots,
  isRunning: true,
  link: 0,
  lastToMs: 0,
  lastFromMs: 0,
  runs: new Map(),
  seen: new Set(),
  files: new Map(),
  isWiped: false,
  isSlow: false,
  isFailing: false,
  process: 1,
  lostTimer: 0,
})

const silenceMs = 2500

export function connect(world: World, agent: SimAgent): void {
  if (!agent.isRunning || agent.link !== 0) return
  agent.link = world.nextLink++
  const {link, name, slots, isWiped} = agent
  const jobs = [...new Set([...agent.files.keys()].map(path => path.split('/')[0]!))]
  agent.lostTimer++
  tell(world, agent, () => feed(world, {type: 'node-joined', node: name, link, slots, jobs, ...(isWiped && {isWiped})}))
  for (const [id, run] of [...agent.runs]) {
    const {job, task} = run.start
    const report = reportOf(run)
    tell(world, agent, () => feed(world, {type: 'run-reported', node: name, link, job, task, run: id, report}))
  }
  tell(world, agent, () => {
    // Heard, and committed.
    if (agent.link === link && agent.isWiped) {
      agent.isWiped = false
      for (const [path, file] of world.destroyed) {
        if (path.startsWith(`${name}/`) && file.heardMs === Infinity) file.heardMs = world.timeline.nowMs
      }
    }
    feed(world, {type: 'node-ready', node: name, link})
  })
}

function reportOf(run: AgentRun): RunReport {
  if (run.state === 'done') return {state: 'done', outputs: run.outputs, progress: progressOf(run)}
  if (run.state === 'failed') return {state: 'failed', failure: run.failure!}
  return {state: 'running', hasAllInputs: run.hasAllInputs, isAhead: run.isWaiting}
}

const progressOf = (run: AgentRun): Progress => ({records: run.inputs.size, bytes: run.inputs.size * 10, cpuMs: 5})

/** The master notices at once, or never hears of it (it is gone itself); after a silence the node is lost. */
export function disconnect(world: World, agent: SimAgent, isNoticed = true): void {
  const {link, name} = agent
  if (link === 0) return
  agent.link = 0
  haunt(world, agent)
  if (!isNoticed) return
  feed(world, {type: 'node-offline', node: name, link})
  const timer = ++agent.lostTimer
  world.timeline.after(silenceMs, () => {
    if (agent.lostTimer !== timer || agent.link !== 0) return
    fire(world, 'node-lost')
    feed(world, {type: 'node-lost', node: name})
  })
}

/** What was told on a link that broke may be on its way for a long time, whatever is told on the next one. */
function haunt(world: World, agent: SimAgent): void {
  const {life, random, timeline, trouble} = world
  if (trouble === 0) return
  for (const [id, run] of agent.runs) {
    if (run.state === 'failed' || random.int(2) === 0) continue
    const {job, task} = run.start
    timeline.after(random.int(8000), () => {
      const {outputs} = run
      if (world.life !== life || run.state !== 'done') return
      fire(world, 'message-late')
      feed(world, {type: 'run-done', node: agent.name, job, task, run: id, outputs, progress: progressOf(run)})
    })
  }
}

/** To the master: in order on one link; what was sent when the link broke may come late, and anything may come twice. */
function tell(world: World, agent: SimAgent, act: () => void): void {
  const {link} = agent
  if (link === 0) return
  const {life, random, timeline} = world
  const atMs = Math.max(agent.lastFromMs, timeline.nowMs + 1 + random.int(random.int(8) === 0 ? 800 : 40))
  agent.lastFromMs = atMs
  timeline.after(atMs - timeline.nowMs, () => {
    if (world.life !== life) return
    if (agent.link !== link) {
      if (random.int(2) === 0) return
      fire(world, 'message-late')
    }
    act()
    if (world.trouble > 0 && random.int(30) === 0) {
      fire(world, 'message-doubled')
      timeline.after(random.int(10_000), () => {
        if (world.life === life) act()
      })
    }
  })
}

/** From the master: in order on one link, lost with it. */
export function obey(world: World, name: string, order: Order): void {
  const agent = world.agents.get(name)
  if (agent === undefined || agent.link === 0) return
  const {link} = agent
  const {random, timeline} = world
  const atMs = Math.max(agent.lastToMs, timeline.nowMs + 1 + random.int(random.int(8) === 0 ? 800 : 40))
  agent.lastToMs = atMs
  timeline.after(atMs - timeline.nowMs, () => {
    if (agent.link === link) handle(world, agent, order)
    else fire(world, 'order-lost')
  })
}

function handle(world: World, agent: SimAgent, order: Order): void {
  switch (order.type) {
    case 'start-run':
      startRun(world, agent, order)
      break
    case 'push-inputs': {
      const run = agent.runs.get(order.run)
      if (run?.state !== 'running') break
      for (const input of order.inputs) addInput(run, input)
      if (order.isEnd && !run.hasAllInputs) {
        run.hasAllInputs = true
        finishLater(world, agent, order.run, run)
      }
      break
    }
    case 'stop-run':
      agent.seen.add(order.run)
      if (agent.runs.get(order.run)?.isWaiting === true) fire(world, 'taken-back')
      agent.runs.delete(order.run)
      beginWaiting(world, agent)
      for (const path of agent.files.keys()) if (path.startsWith(`${order.job}/${order.run}/`)) agent.files.delete(path)
      break
    case 'accept-run':
      agent.runs.delete(order.run)
      break
    case 'end-job':
      for (const [id, run] of agent.runs) if (run.start.job === order.job) agent.runs.delete(id)
      beginWaiting(world, agent)
      if (!order.isPurged) break
      for (const path of agent.files.keys()) if (path.startsWith(`${order.job}/`)) agent.files.delete(path)
      break
    default:
  }
}

const addInput = (run: AgentRun, input: RunInput): Map<string, RunInput> =>
  run.inputs.set(`${input.task}/${input.number}`, input)

function startRun(world: World, agent: SimAgent, start: StartRun): void {
  if (agent.seen.has(start.run)) return
  agent.seen.add(start.run)
  const slowness = agent.isSlow ? 10 : 1
  const workMs = (50 + world.random.int(world.random.int(3) === 0 ? 8000 : 2000)) * slowness
  const run: AgentRun = {
    start,
    inputs: new Map(),
    hasAllInputs: start.hasAllInputs,
    isWaiting: false,
    state: 'running',
    outputs: [],
    failure: undefined,
    workMs,
  }
  for (const input of start.inputs) addInput(run, input)
  if (start.isAhead) {
    fire(world, 'ahead')
    run.isWaiting = true
    agent.runs.set(start.run, run)
    beginWaiting(world, agent)
  } else {
    agent.runs.set(start.run, run)
    begin(world, agent, run)
  }
}

/** Those that were ordered ahead, one for each slot that nothing runs in. */
function beginWaiting(world: World, agent: SimAgent): void {
  let used = [...agent.runs.values()].filter(run => run.state === 'running' && !run.isWaiting).length
  for (const run of agent.runs.values()) {
    if (used >= agent.slots) return
    if (!run.isWaiting) continue
    fire(world, 'ahead-begun')
    used++
    run.isWaiting = false
    begin(world, agent, run)
  }
}

function begin(world: World, agent: SimAgent, run: AgentRun): void {
  const {start} = run
  const {job, task} = start
  tell(world, agent, () => feed(world, {type: 'run-started', node: agent.name, job, task, run: start.run}))
  if (run.hasAllInputs) finishLater(world, agent, start.run, run)
  else fire(world, 'streamed')
}

function finishLater(world: World, agent: SimAgent, id: number, run: AgentRun): void {
  const {process} = agent
  world.timeline.after(run.workMs, () => {
    if (agent.process !== process || agent.runs.get(id) !== run || run.state !== 'running') return
    finish(world, agent, id, run)
  })
}

function finish(world: World, agent: SimAgent, id: number, run: AgentRun): void {
  const {job, task} = run.start
  const header = {node: agent.name, job, task, run: id}
  const done = attempt(world, agent, id, run)
  if (Array.isArray(done)) {
    run.state = 'done'
    run.outputs = done
    const progress = progressOf(run)
    tell(world, agent, () => feed(world, {type: 'run-done', ...header, outputs: done, progress}))
  } else {
    const failure = done as Failure
    run.state = 'failed'
    run.failure = failure
    tell(world, agent, () => feed(world, {type: 'run-failed', ...header, failure}))
  }
  beginWaiting(world, agent)
}

function attempt(world: World, agent: SimAgent, id: number, run: AgentRun): readonly Output[] | Failure {
  const {start} = run
  const job = world.jobs.get(start.job)!
  if (agent.isFailing) {
    fire(world, 'node-failing')
    return {class: 'error', message: `no such device on ${agent.name}`}
  }
  if (world.trouble > 0 && world.random.int(25) === 0) {
    fire(world, 'task-failed')
    return {class: 'error', message: `out of luck ${world.random.int(100)}`}
  }
  const lost: LostInput[] = []
  const records = readAll(world, agent, run, lost)
  if (lost.length > 0) {
    fire(world, 'input-lost')
    return {class: 'input-lost', message: 'inputs cannot be read', inputs: lost}
  }
  if (job.poison !== undefined && records.includes(job.poison)) {
    fire(world, job.isFatal ? 'fatal' : 'poison')
    return {class: job.isFatal ? 'fatal' : 'error', message: 'this record cannot be processed', sample: job.poison}
  }
  return work(job.stages, start.stageIndex, records).map((output, number) => {
    const path = `${start.job}/${id}/${number}`
    agent.files.set(path, output.records)
    world.written.set(`${agent.name}/${path}`, output.records)
    return {
      label: output.label,
      bytes: output.records.length * 10,
      records: output.records.length,
      place: {type: 'file' as const, node: agent.name, path},
    }
  })
}

function readAll(world: World, agent: SimAgent, run: AgentRun, lost: LostInput[]): string[] {
  const inputs = [...run.inputs.values()].sort((left, right) =>
    left.key === right.key ? left.number - right.number : left.key < right.key ? -1 : 1,
  )
  return inputs.flatMap(({task, run: from, output}) => {
    const {place} = output
    if (place.type === 'urls') return place.urls[0]!.slice('raw://'.length).split(',')
    assert(place.type === 'file', 'inputs are addresses or files')
    const holder = world.agents.get(place.node)!
    const isReachable = holder === agent || (holder.isRunning && holder.link !== 0)
    const found = isReachable ? holder.files.get(place.path) : undefined
    if (found === undefined) lost.push({task, run: from, isGone: isReachable})
    return found ?? []
  })
}

export function crash(world: World, agent: SimAgent, isWiped: boolean, downMs: number): void {
  if (!agent.isRunning) return
  fire(world, isWiped ? 'node-wiped' : 'node-crashed')
  note(world, `${agent.name} crashes`)
  agent.isRunning = false
  agent.process++
  disconnect(world, agent)
  // What ran is gone; what had ended is known from its folder.
  for (const [id, run] of agent.runs) if (run.state === 'running') agent.runs.delete(id)
  if (isWiped) {
    agent.runs.clear()
    for (const path of agent.files.keys()) world.destroyed.set(`${agent.name}/${path}`, {heardMs: Infinity})
    agent.files.clear()
    agent.isWiped = true
  }
  world.timeline.after(downMs, () => restart(world, agent))
}

export function restart(world: World, agent: SimAgent): void {
  if (agent.isRunning) return
  fire(world, 'node-returned')
  agent.isRunning = true
  connect(world, agent)
}
