/**
 * Feeds the scheduler and performs its effects.
 *
 * Events that come together are stepped together. What they have to be remembered by is committed in one transaction; only then
 * is anything of them sent, in the order of the effects. The end of a run on a node that has more to begin waits a little for
 * others: a commit is the dearest part of a tiny task.
 *
 * On a full disk the commit is held and tried again each second; until then events queue, nothing is sent, and nobody is told of a state
 * that the disk does not know. When the journal cannot be written for another reason, memory is ahead of the disk, and only a new start
 * can bring them together.
 */
import {ClusterError, messageOf, UserError} from '../../../base/index.ts'
import type {Output} from '../../../pipeline/index.ts'
import type {PackInfo} from '../../../protocol/index.ts'
import {
  type JobAnswer,
  type JobRequest,
  type JournalRows,
  restoreScheduler,
  type SchedulerEffect,
  type SchedulerEvent,
  type SchedulerSettings,
  type SchedulerState,
  stepScheduler,
} from '../../../scheduler/index.ts'
import {isDiskFull, type Journal, type JournalWrite} from '../../../storage/index.ts'
import {Waiters, Wake} from '../../master/calls.ts'
import type {Log} from '../../run/log.ts'
import {commitPauseMsMax, eventsPerCommitMax, roomPauseMs} from '../limits.ts'
import {JobWatchers} from './job-watchers.ts'
import {NodeReports} from './node-reports.ts'
import type {Occurrence} from './occurrence.ts'
import {type OrderEffect, type OrderPorts, type SendOrder, sendOrders} from './order-sender.ts'

type Accepted = Extract<JobAnswer, {type: 'accepted'}>

/** What is not committed yet: writes first, then effects. */
interface Held {
  readonly writes: readonly JournalWrite[]
  readonly effects: readonly SchedulerEffect[]
}

export interface JobDriverOptions {
  readonly journal: Journal
  readonly send: SendOrder
  readonly epoch: () => number
  /** Names the results by a tag. Rejects with a UserError when trying again is useless. */
  readonly saveResults: (job: string, tag: string, results: readonly Output[]) => Promise<void>
  readonly settings?: Partial<SchedulerSettings>
  readonly log: Log
  /** The journal cannot be written, or a bug. The driver has stopped. */
  readonly onBroken: (error: unknown) => void
}

/** Goes on with the jobs of its journal. Ended by `stop`, after which nothing is written or sent. */
export class JobDriver {
  readonly state: SchedulerState
  readonly nodes: NodeReports
  readonly journal: Journal
  readonly watchers = new JobWatchers()
  readonly #options: JobDriverOptions
  readonly #waiters = new Waiters<JobAnswer>()
  readonly #wake: Wake
  readonly #orders: OrderPorts
  /** The clock of the scheduler: milliseconds since 1970 that never go back. */
  readonly #originMs = Date.now() - performance.now()
  readonly #packs = new Map<string, PackInfo>()
  #queue: Occurrence[] = []
  #isDraining = false
  /** Events that may wait do. */
  #patience: NodeJS.Timeout | undefined
  /** How long the last commit took. */
  #commitMs = 0
  #isStopped = false
  /** The disk is full: this comes before anything else. */
  #held: Held | undefined
  #roomTimer: NodeJS.Timeout | undefined

  /** Takes up where the journal's last writer was. @throws ClusterError when the journal cannot be read or written */
  constructor(options: JobDriverOptions) {
    this.#options = options
    this.journal = options.journal
    this.#wake = new Wake(() => this.step({type: 'tick'}))
    this.nodes = new NodeReports(occurrence => this.step(occurrence))
    this.#orders = {
      send: options.send,
      epoch: options.epoch,
      packOf: job => this.packOf(job),
      linkedNodes: () => this.nodes.names(),
      linkOf: node => this.nodes.linkOf(node),
      step: occurrence => this.step(occurrence),
      log: (msg, node, text) => options.log({level: 'warn', msg, node, text}),
    }
    // Written by ourselves, row for row.
    const rows = this.journal.load() as JournalRows
    const {state, effects} = restoreScheduler(rows, this.#nowMs(), options.settings)
    this.state = state
    this.#carryOut(effects)
  }

  /**
   * @param pack - of a job that is submitted; it is booked in the same transaction
   * @throws UserError BAD_JOB, JOB_NOT_FOUND; ClusterError OVERLOADED, UNAVAILABLE
   */
  async ask(request: JobRequest, pack?: PackInfo): Promise<Accepted> {
    this.checkRunning()
    if (request.type === 'submit' && pack !== undefined) this.#packs.set(request.spec.name, pack)
    const answer = await this.#waiters.ask(id => this.step({type: 'request', id, request}))
    if (answer.type === 'accepted') return answer
    throw refusalOf(answer)
  }

  /** Takes an event; what comes of it happens soon. */
  step(occurrence: Occurrence): void {
    if (this.#isStopped) return
    this.#queue.push(occurrence)
    if (this.#isDraining || this.#held !== undefined) return
    if (this.#mayWait(occurrence)) {
      this.#patience ??= setTimeout(() => this.#drainSoon(), Math.min(commitPauseMsMax, this.#commitMs))
    } else this.#drainSoon()
  }

  /** @throws ClusterError UNAVAILABLE when it has stopped, and the journal may be closed; when its disk is full */
  checkRunning(): void {
    if (this.#isStopped) throw new ClusterError('UNAVAILABLE', 'the master stops')
    if (this.#held === undefined) return
    throw new ClusterError('UNAVAILABLE', 'the disk of the master is full: jobs wait until there is room', {
      hint: 'free space on its disk',
      retryable: true,
    })
  }

  packOf(job: string): PackInfo | undefined {
    const known = this.#packs.get(job) ?? this.journal.packOf(job)
    if (known !== undefined) this.#packs.set(job, known)
    return known
  }

  /** Takes nothing any more. The journal is closed by whoever has this. */
  stop(message: string): void {
    this.#isStopped = true
    this.#queue = []
    this.#wake.stop()
    clearTimeout(this.#patience)
    clearTimeout(this.#roomTimer)
    this.#waiters.rejectAll(message)
    this.watchers.close()
  }

  #nowMs(): number {
    return this.#originMs + performance.now()
  }

  #drain(): void {
    this.#isDraining = false
    if (this.#isStopped || this.#held !== undefined) return
    try {
      const effects: SchedulerEffect[] = []
      const taken = this.#queue.splice(0, eventsPerCommitMax)
      for (const occurrence of taken) {
        for (const effect of stepScheduler(this.state, {...occurrence, nowMs: this.#nowMs()} as SchedulerEvent)) {
          effects.push(effect)
        }
      }
      this.#carryOut(effects)
    } catch (error) {
      this.#break(error)
      return
    }
    if (this.#queue.length > 0) this.#drainSoon()
  }

  #break(error: unknown): void {
    this.stop('the journal of the master cannot be written')
    this.#options.onBroken(error)
  }

  #drainSoon(): void {
    clearTimeout(this.#patience)
    this.#patience = undefined
    if (this.#isDraining) return
    this.#isDraining = true
    setImmediate(() => this.#drain())
  }

  /** Nothing waits for what the scheduler says to it. */
  #mayWait(occurrence: Occurrence): boolean {
    return occurrence.type === 'run-done' && (this.state.nodes.get(occurrence.node)?.ahead.size ?? 0) > 0
  }

  #carryOut(effects: readonly SchedulerEffect[]): void {
    this.#commit({writes: this.#writesOf(effects), effects})
  }

  #commit(held: Held): void {
    const startMs = performance.now()
    try {
      this.journal.commit(held.writes)
    } catch (error) {
      if (!isDiskFull(error)) throw error
      if (this.#held === undefined) {
        this.#options.log({
          level: 'error',
          msg: 'the disk is full: jobs wait until there is room',
          text: messageOf(error),
        })
      }
      this.#held = held
      this.#roomTimer = setTimeout(() => this.#commitHeld(held), roomPauseMs)
      return
    }
    this.#commitMs = performance.now() - startMs
    this.#afterCommit(held.effects)
  }

  #commitHeld(held: Held): void {
    try {
      this.#commit(held)
    } catch (error) {
      this.#break(error)
    }
  }

  #afterCommit(effects: readonly SchedulerEffect[]): void {
    if (this.#held !== undefined) {
      this.#held = undefined
      this.#options.log({level: 'info', msg: 'there is room again: jobs go on'})
      if (this.#queue.length > 0) this.#drainSoon()
    }
    const told = new Set<string>()
    const orders: OrderEffect[] = []
    for (const effect of effects) {
      if (effect.type === 'job-event') told.add(effect.event.job)
      else if (isOrder(effect)) orders.push(effect)
      else this.#perform(effect)
    }
    sendOrders(this.#orders, orders)
    for (const job of told) this.watchers.notify(job)
  }

  #writesOf(effects: readonly SchedulerEffect[]): JournalWrite[] {
    const writes: JournalWrite[] = []
    for (const effect of effects) {
      if (!isWrite(effect)) continue
      writes.push(effect)
      if (effect.type === 'forget-job') this.#packs.delete(effect.job)
      if (effect.type !== 'persist-job') continue
      const pack = this.#packs.get(effect.row.job)
      if (pack !== undefined) writes.push({type: 'persist-pack', job: effect.row.job, ...pack})
    }
    return writes
  }

  #perform(effect: SchedulerEffect): void {
    switch (effect.type) {
      case 'answer':
        this.#waiters.resolve(effect.id, effect.answer)
        break
      case 'wake':
        this.#wake.at(effect.atMs - this.#originMs)
        break
      case 'save-results':
        this.#save(effect)
        break
      case 'log': {
        const {type: _, detail, ...line} = effect
        this.#options.log({...line, ...(detail === undefined ? {} : {text: detail})})
        break
      }
    }
  }

  #save({job, save, tag, results}: Extract<SchedulerEffect, {type: 'save-results'}>): void {
    this.#options.saveResults(job, tag, results).then(
      () => this.step({type: 'results-saved', job, save}),
      (error: unknown) => {
        const message = error instanceof Error ? error.message : String(error)
        this.step({type: 'results-not-saved', job, save, message, isFinal: error instanceof UserError})
      },
    )
  }
}

const writeTypes = new Set<string>([
  'persist-job',
  'persist-job-state',
  'persist-task',
  'persist-trouble',
  'persist-run',
  'forget-run',
  'persist-next-run',
  'forget-job',
  'job-event',
] satisfies JournalWrite['type'][])

const isWrite = (effect: SchedulerEffect): effect is Extract<SchedulerEffect, {type: JournalWrite['type']}> =>
  writeTypes.has(effect.type)

const orderTypes = new Set<string>([
  'start-run',
  'push-inputs',
  'stop-run',
  'accept-run',
  'end-job',
] satisfies OrderEffect['type'][])

const isOrder = (effect: SchedulerEffect): effect is OrderEffect => orderTypes.has(effect.type)

function refusalOf(answer: Extract<JobAnswer, {type: 'refused'}>): Error {
  const {code, message, problems = []} = answer
  if (code === 'OVERLOADED') return new ClusterError('OVERLOADED', message, {hint: 'submit it again later'})
  const hint = problems.length > 1 ? problems.slice(1).join('; ') : undefined
  return new UserError(code, message, hint === undefined ? {} : {hint})
}
