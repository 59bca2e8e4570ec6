/** A master, agents, their links, disks and a journal, in memory and in one thread. */
import {assert, type Random, seededRandom} from '../../../src/base/index.ts'
import {
  checkScheduler,
  type JobAnswer,
  type JobName,
  type JobRequest,
  type JobSpec,
  type JobState,
  type JournalRows,
  restoreScheduler,
  type SchedulerEffect,
  type SchedulerEvent,
  type SchedulerState,
  stepScheduler,
} from '../../../src/scheduler/index.ts'
import {makeTimeline, type Timeline} from '../blobs/timeline.ts'
import {connect, disconnect, makeAgent, obey, type SimAgent} from './agent.ts'
import type {SimStage} from './symbols.ts'

export type Mutation = 'none' | 'ignore-run-id' | 'accept-lost-runs' | 'drop-persist'

export interface SimJob {
  readonly spec: JobSpec
  readonly stages: readonly SimStage[]
  readonly inputs: readonly {readonly label: number; readonly records: readonly string[]}[]
  /** A record that no task can process. */
  readonly poison: string | undefined
  isFatal: boolean
  /** Taken by the master, as its client knows. */
  isAccepted: boolean
  isCancelled: boolean
  /** The state that it ended with. */
  ended: JobState | undefined
  savedTag: boolean
  /** Tasks whose result was accepted by the master. */
  readonly accepted: Map<number, number>
}

interface Journal {
  nextRun: number
  readonly jobs: Map<string, JournalRows['jobs'][number]>
  readonly jobStates: Map<string, JournalRows['jobStates'][number]>
  readonly tasks: Map<string, JournalRows['tasks'][number]>
  readonly troubles: Map<string, JournalRows['troubles'][number]>
  readonly runs: Map<number, JournalRows['runs'][number]>
  readonly eventCounts: Map<string, number>
}

export interface World {
  readonly random: Random
  readonly timeline: Timeline
  readonly mutation: Mutation
  readonly agents: Map<string, SimAgent>
  readonly jobs: Map<JobName, SimJob>
  readonly journal: Journal
  readonly settings: Parameters<typeof restoreScheduler>[2]
  readonly answers: Map<number, (answer: JobAnswer) => void>
  readonly fired: Map<string, number>
  readonly log: string[]
  /** Every file ever written: what a reader must find. */
  readonly written: Map<string, readonly string[]>
  /** Files that went with a disk, and when the master heard of it. */
  readonly destroyed: Map<string, {heardMs: number}>
  state: SchedulerState
  /** Grows with each master: what was meant for an older one is not heard. */
  life: number
  nextId: number
  nextLink: number
  /** 0: no faults. */
  trouble: number
}

export function makeWorld(seed: number, mutation: Mutation): World {
  const random = seededRandom(seed)
  const settings = {
    localityWaitMs: random.pick([0, 500, 3000]),
    jobsRunningMax: random.pick([2, 10]),
    awaitNodesMs: 20_000,
    sameFailureTasksMax: 1000,
    sameFailureRunsMax: 1000,
    failuresPerTaskMax: 200,
    slowAfterMs: 3000,
    backoffLastMs: 8000,
    lossesPerTaskMax: 500,
    // Tasks here take seconds: what is tiny is a matter of this.
    aheadMs: random.pick([0, 5000, 1e6]),
  }
  const journal: Journal = {
    nextRun: 1,
    jobs: new Map(),
    jobStates: new Map(),
    tasks: new Map(),
    troubles: new Map(),
    runs: new Map(),
    eventCounts: new Map(),
  }
  const world: World = {
    random,
    timeline: makeTimeline(),
    mutation,
    agents: new Map(),
    jobs: new Map(),
    journal,
    settings,
    answers: new Map(),
    fired: new Map(),
    log: [],
    written: new Map(),
    destroyed: new Map(),
    state: restoreScheduler(rowsOf(journal), 0, settings).state,
    life: 1,
    nextId: 1,
    nextLink: 1,
    trouble: 1,
  }
  const count = 2 + random.int(4)
  for (let number = 1; number <= count; number++) {
    const agent = makeAgent(`n${number}`, number > 2 && random.int(6) === 0 ? 0 : 1 + random.int(3))
    world.agents.set(agent.name, agent)
    connect(world, agent)
  }
  return world
}

export function fire(world: World, kind: string): void {
  world.fired.set(kind, (world.fired.get(kind) ?? 0) + 1)
}

export function note(world: World, text: string): void {
  world.log.push(`${world.timeline.nowMs} ${text}`)
  if (world.log.length > 20_000) world.log.splice(0, 10_000)
}

type Untimed<Event> = Event extends unknown ? Omit<Event, 'nowMs'> : never

/** One event to the master that lives now. */
export function feed(world: World, event: Untimed<SchedulerEvent>): void {
  const isMutated =
    (world.mutation === 'ignore-run-id' && event.type === 'run-done') ||
    (world.mutation === 'accept-lost-runs' && event.type === 'run-reported')
  const mutated = isMutated ? withCurrentRun(world, event) : event
  note(world, `> ${JSON.stringify(mutated).slice(0, 300)}`)
  const effects = stepScheduler(world.state, {...mutated, nowMs: world.timeline.nowMs} as SchedulerEvent)
  checkScheduler(world.state)
  perform(world, effects)
}

/** A shell that looks at tasks where it should look at runs: the result of any run of a task is taken for the present one's. */
function withCurrentRun(world: World, event: Untimed<SchedulerEvent>): Untimed<SchedulerEvent> {
  const isLate = event.type === 'run-done' || (event.type === 'run-reported' && event.report.state === 'done')
  if (!isLate || world.state.runs.has(event.run)) return event
  const current = world.state.jobs.get(event.job)?.tasks[event.task]?.runs[0]
  if (current === undefined) return event
  const {job, task} = event
  const outputs = event.type === 'run-done' ? event.outputs : event.report.state === 'done' ? event.report.outputs : []
  const node = current.node.name
  return {type: 'run-done', node, job, task, run: current.id, outputs, progress: {records: 0, bytes: 0, cpuMs: 0}}
}

export function ask(world: World, request: JobRequest, onAnswer: (answer: JobAnswer) => void): void {
  const id = world.nextId++
  world.answers.set(id, onAnswer)
  feed(world, {type: 'request', id, request})
}

/** Commits, then does the rest; a crash may come before, between and after. */
function perform(world: World, effects: readonly SchedulerEffect[]): void {
  const crash = world.trouble > 0 && world.random.int(400) === 0 ? 1 + world.random.int(3) : 0
  if (crash === 1) {
    fire(world, 'crash-before-commit')
    startMaster(world)
    return
  }
  // What is kept is text.
  for (const effect of effects) commit(world, asText(effect))
  let left = crash === 2 ? world.random.int(effects.length + 1) : Infinity
  for (const effect of effects) {
    if (left-- <= 0) {
      fire(world, 'crash-after-commit')
      startMaster(world)
      return
    }
    note(world, `< ${JSON.stringify(effect).slice(0, 200)}`)
    act(world, effect)
  }
  if (crash === 3) {
    fire(world, 'master-crashed')
    startMaster(world)
  }
}

const asText = (effect: SchedulerEffect): SchedulerEffect => JSON.parse(JSON.stringify(effect)) as SchedulerEffect

function commit(world: World, effect: SchedulerEffect): void {
  const {journal} = world
  switch (effect.type) {
    case 'persist-job':
      journal.jobs.set(effect.row.job, effect.row)
      break
    case 'persist-job-state':
      journal.jobStates.set(effect.row.job, effect.row)
      break
    case 'persist-task':
      if (world.mutation === 'drop-persist') break
      journal.tasks.set(`${effect.row.job} ${effect.row.task}`, effect.row)
      break
    case 'persist-trouble':
      journal.troubles.set(`${effect.row.job} ${effect.row.task}`, effect.row)
      break
    case 'persist-run':
      journal.runs.set(effect.row.run, effect.row)
      break
    case 'forget-run':
      journal.runs.delete(effect.run)
      break
    case 'persist-next-run':
      journal.nextRun = effect.nextRun
      break
    case 'forget-job':
      journal.jobs.delete(effect.job)
      for (const map of [journal.tasks, journal.troubles, journal.runs] as Map<unknown, {job: string}>[]) {
        for (const [key, row] of map) if (row.job === effect.job) map.delete(key)
      }
      journal.eventCounts.delete(effect.job)
      break
    case 'job-event': {
      const {job, number} = effect.event
      assert(number === (journal.eventCounts.get(job) ?? 0), `event ${number} of ${job} has its number`)
      journal.eventCounts.set(job, number + 1)
      break
    }
    default:
  }
}

const rowsOf = (journal: Journal): JournalRows => ({
  nextRun: journal.nextRun,
  jobs: [...journal.jobs.values()],
  jobStates: [...journal.jobStates.values()],
  tasks: [...journal.tasks.values()],
  troubles: [...journal.troubles.values()],
  runs: [...journal.runs.values()],
  eventCounts: journal.eventCounts,
})

/** The old master is gone with everything that it has not sent. */
function startMaster(world: World): void {
  note(world, 'master starts')
  world.life++
  world.answers.clear()
  for (const agent of world.agents.values()) disconnect(world, agent, false)
  const {state, effects} = restoreScheduler(rowsOf(world.journal), world.timeline.nowMs, world.settings ?? {})
  world.state = state
  checkScheduler(state)
  for (const effect of effects) commit(world, asText(effect))
  for (const effect of effects) act(world, effect)
  const longestMs = world.random.int(4) === 0 ? 40_000 : 3000
  for (const agent of world.agents.values()) {
    world.timeline.after(world.random.int(longestMs), () => connect(world, agent))
  }
}

function act(world: World, effect: SchedulerEffect): void {
  switch (effect.type) {
    case 'answer': {
      const onAnswer = world.answers.get(effect.id)
      world.answers.delete(effect.id)
      onAnswer?.(effect.answer)
      break
    }
    case 'wake': {
      const {life} = world
      world.timeline.after(effect.atMs - world.timeline.nowMs, () => {
        if (world.life === life) feed(world, {type: 'tick'})
      })
      break
    }
    case 'start-run':
      checkStart(world, effect)
      obey(world, effect.node, effect)
      break
    case 'accept-run':
      world.jobs.get(effect.job)!.accepted.set(effect.task, effect.run)
      obey(world, effect.node, effect)
      break
    case 'push-inputs':
    case 'stop-run':
      obey(world, effect.node, effect)
      break
    case 'end-job':
      for (const agent of world.agents.values()) {
        if (effect.node === undefined || effect.node === agent.name) obey(world, agent.name, effect)
      }
      break
    case 'save-results':
      saveResults(world, effect.job, effect.save)
      break
    default:
  }
}

function checkStart(world: World, effect: Extract<SchedulerEffect, {type: 'start-run'}>): void {
  const node = world.state.nodes.get(effect.node)!
  const isInSlots = effect.isAhead || node.runs.size - node.ahead.size <= node.slots
  assert(isInSlots, `${effect.node} has no more runs than slots`)
  const job = world.jobs.get(effect.job)!
  const task = world.state.jobs.get(effect.job)?.tasks[effect.task]
  const isDoneBefore = job.accepted.has(effect.task) && task?.result === undefined && task !== undefined
  assert(!isDoneBefore, `task ${effect.task} of ${effect.job}, which is done, is not run again`)
}

function saveResults(world: World, name: JobName, save: number): void {
  const {life, timeline, random} = world
  timeline.after(100 + random.int(3000), () => {
    if (world.life !== life) return
    if (world.trouble > 0 && random.int(3) === 0) {
      fire(world, 'save-failed')
      feed(world, {type: 'results-not-saved', job: name, save, message: 'too few nodes', isFinal: false})
      return
    }
    world.jobs.get(name)!.savedTag = true
    feed(world, {type: 'results-saved', job: name, save})
  })
}
