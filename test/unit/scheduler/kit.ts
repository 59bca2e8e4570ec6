/** A scheduler with nodes that do as the test says. */
import type {Grouping, Output} from '../../../src/pipeline/index.ts'
import {
  checkScheduler,
  type Failure,
  type JobAnswer,
  type JobRequest,
  type JobSpec,
  makeSchedulerState,
  type SchedulerEffect,
  type SchedulerEvent,
  type SchedulerSettings,
  type SchedulerState,
  type StartRun,
  stepScheduler,
} from '../../../src/scheduler/index.ts'

type Untimed<Event> = Event extends unknown ? Omit<Event, 'nowMs'> : never

export interface Kit {
  state: SchedulerState
  nowMs: number
  /** Orders that have not been taken. */
  started: StartRun[]
  effects: SchedulerEffect[]
  feed(event: Untimed<SchedulerEvent>): readonly SchedulerEffect[]
  /** Takes over what a restart gave. */
  adopt(state: SchedulerState, effects: readonly SchedulerEffect[]): void
  ask(request: JobRequest): JobAnswer
  submit(spec: Partial<JobSpec> & {readonly name: string}): JobAnswer
  join(node: string, slots?: number): void
  /** Time passes, with the ticks that were ordered. */
  pass(ms: number): void
  /** Takes the oldest order, of a task or any. */
  take(task?: number): StartRun
  done(run: StartRun, labels?: readonly number[]): readonly SchedulerEffect[]
  fail(run: StartRun, message?: string, failure?: Partial<Failure>): readonly SchedulerEffect[]
  /** Finishes everything that is started until nothing is. */
  finishAll(labels?: readonly number[]): void
  ofType<Type extends SchedulerEffect['type']>(type: Type): Extract<SchedulerEffect, {type: Type}>[]
}

export const inputs = (count: number, nodesOf: (number: number) => readonly string[] = () => []): Output[] =>
  Array.from({length: count}, (_, number) => ({
    label: 0,
    bytes: 10,
    records: 1,
    place: {type: 'urls', urls: [`raw://${number}`]},
    nodes: nodesOf(number),
  }))

export const stage = (name: string, grouping: Grouping = 'split', isConcurrent = false) => ({
  name,
  grouping,
  isConcurrent,
})

export function makeKit(settings: Partial<SchedulerSettings> = {}): Kit {
  const links = new Map<string, number>()
  let wakeMs = Infinity
  const hear = (effects: readonly SchedulerEffect[]): void => {
    checkScheduler(kit.state)
    kit.effects.push(...effects)
    for (const effect of effects) {
      if (effect.type === 'start-run') kit.started.push(effect)
      else if (effect.type === 'stop-run') kit.started = kit.started.filter(({run}) => run !== effect.run)
      else if (effect.type === 'wake') wakeMs = Math.min(wakeMs, effect.atMs)
    }
  }
  const kit: Kit = {
    state: makeSchedulerState(settings),
    nowMs: 1000,
    started: [],
    effects: [],
    feed(event) {
      const effects = stepScheduler(kit.state, {...event, nowMs: kit.nowMs} as SchedulerEvent)
      hear(effects)
      return effects
    },
    adopt(state, effects) {
      kit.state = state
      hear(effects)
    },
    ask(request) {
      const answer = kit.feed({type: 'request', id: 1, request}).find(effect => effect.type === 'answer')
      return (answer as Extract<SchedulerEffect, {type: 'answer'}>).answer
    },
    submit: spec =>
      kit.ask({type: 'submit', spec: {owner: 'me', pipeline: [stage('map')], inputs: inputs(1), ...spec}}),
    join(node, slots = 1) {
      const link = (links.get(node) ?? 0) + 1
      links.set(node, link)
      kit.feed({type: 'node-joined', node, link, slots})
      kit.feed({type: 'node-ready', node, link})
    },
    pass(ms) {
      const endMs = kit.nowMs + ms
      while (wakeMs <= endMs) {
        kit.nowMs = Math.max(kit.nowMs, wakeMs)
        wakeMs = Infinity
        kit.feed({type: 'tick'})
      }
      kit.nowMs = endMs
    },
    take(task) {
      const at = task === undefined ? 0 : kit.started.findIndex(order => order.task === task)
      const [order] = kit.started.splice(at, at < 0 ? 0 : 1)
      if (order === undefined) throw new Error(`no run of task ${task ?? 'any'} was started`)
      return order
    },
    done({node, job, task, run}, labels = [0]) {
      const outputs = labels.map((label, number) => ({
        label,
        bytes: 10,
        records: 1,
        place: {type: 'file' as const, node, path: `${run}/${number}`},
      }))
      return kit.feed({type: 'run-done', node, job, task, run, outputs, progress: {records: 1, bytes: 10, cpuMs: 1}})
    },
    fail: ({node, job, task, run}, message = 'broken', failure = {}) =>
      kit.feed({type: 'run-failed', node, job, task, run, failure: {class: 'error', message, ...failure}}),
    finishAll(labels) {
      while (kit.started.length > 0) kit.done(kit.take(), labels)
    },
    ofType: type => kit.effects.filter(effect => effect.type === type) as never,
  }
  return kit
}
