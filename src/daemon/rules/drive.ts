/** The shell of the rule daemon: feeds the core (`step.ts`), saves what it says, then does it. */
import {isDiskFull, type RuleState, type RuleStateWrite, type RunRow} from '../../storage/index.ts'
import {Notifier, type NotifySettings} from '../notify/index.ts'
import {Inbox} from '../watch/inbox.ts'
import {whenRoom} from '../when-room.ts'
import type {DaemonEffect, DaemonEvent, LogLine} from './events.ts'
import {history, leaseMs, renewEveryMs, trimEveryMs} from './limits.ts'
import {watchOrders} from './orders.ts'
import {RuleFolder} from './rule-folder.ts'
import {RunFiles} from './run-files.ts'
import {RunProcesses} from './run-processes.ts'
import {type DaemonState, newState} from './state.ts'
import {step} from './step.ts'

export interface DriveOptions {
  /** Absolute paths. */
  readonly rulesFolder: string
  readonly stateFolder: string
  readonly isPaused: boolean
  readonly concurrentMax: number
  /** Program and arguments before `run`. */
  readonly runner: readonly string[]
  /** Program and arguments of the process that reads rules. */
  readonly reader: readonly string[]
  /** For runs. */
  readonly env: Readonly<Record<string, string>>
  readonly notify: NotifySettings
  /** How long past runs are kept; a quarter of a year when nobody says. Milliseconds. */
  readonly historyMs?: number | undefined
  readonly now: () => number
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>
  readonly log: (line: LogLine) => void
}

/** For one life of a daemon: `run` is called once. */
export class Driver {
  readonly #options: DriveOptions
  readonly #rules: RuleState
  readonly #token: string
  readonly #state: DaemonState
  readonly #stopping = new AbortController()
  /** Somebody wants it to end now, room or not. */
  readonly #impatience = new AbortController()
  readonly #inbox: Inbox<DaemonEvent>
  readonly #files: RunFiles
  readonly #runs: RunProcesses
  readonly #folder: RuleFolder
  readonly #notifier: Notifier
  readonly #ordersSeen = new Set<number>()
  #timer: NodeJS.Timeout | undefined
  #wakeAtMs: number | undefined
  #trimmedMs = 0

  /** @param token - of the lease of the state folder */
  constructor(rules: RuleState, token: string, options: DriveOptions) {
    const {now, log} = options
    this.#options = options
    this.#rules = rules
    this.#token = token
    this.#state = newState(options.concurrentMax)
    this.#inbox = new Inbox(this.#stopping.signal)
    this.#files = new RunFiles(options.stateFolder)
    this.#runs = new RunProcesses({
      files: this.#files,
      runner: options.runner,
      env: options.env,
      stateId: rules.id,
      onStarted: (run, process) => this.#inbox.put({type: 'run-started', run, process, nowMs: now()}),
      onEnded: (run, outcome) => this.#inbox.put({type: 'run-ended', run, outcome, nowMs: now()}),
    })
    this.#folder = new RuleFolder({
      folder: options.rulesFolder,
      stateFolder: options.stateFolder,
      reader: options.reader,
      onRead: modules => this.#inbox.put({type: 'rules-read', modules, nowMs: now()}),
      onProblem: problem => log({level: 'error', msg: 'rules cannot be read; they go on as they were', problem}),
      onWarning: problem => log({level: 'warn', msg: 'rules hide blobs from one another', problem}),
    })
    this.#notifier = new Notifier({
      settings: options.notify,
      sleep: options.sleep,
      onProblem: ({message, ...problem}) =>
        log({level: 'error', msg: 'notification cannot be sent', ...problem, problem: message}),
      onSent: ({kind, rule}, channel) => log({level: 'info', msg: 'notification sent', rule, kind, channel}),
    })
  }

  /** Works until it is stopped and its runs are over, or another daemon takes over. @throws UserError RULE_NOT_FOUND */
  async run(): Promise<void> {
    const {now, isPaused, stateFolder, log} = this.#options
    this.#files.make()
    const onProblem = (problem: string): void => log({level: 'warn', msg: 'orders are not watched', problem})
    const closeOrders = watchOrders(stateFolder, () => this.#takeOrders(), onProblem)
    let opened: Promise<void> | undefined
    const renewal = setInterval(() => this.#renew(), renewEveryMs)
    try {
      this.#inbox.put({type: 'started', contents: this.#rules.load(), isPaused, nowMs: now()})
      this.#takeOrders()
      // What became too old while no daemon worked goes now, not with the first renewal.
      this.#renew()
      opened = this.#folder.open().catch((error: unknown) => this.#inbox.fail(error))
      for await (const event of this.#inbox) {
        await this.#take(event)
        if (this.#state.phase === 'over') break
      }
    } finally {
      clearInterval(renewal)
      clearTimeout(this.#timer)
      closeOrders()
      this.#runs.close()
      await this.#folder.close()
      await opened
      await this.#notifier.close(notifyMsMax)
    }
  }

  /** No more runs; `run` returns when those that go on are over. */
  shutdown(): void {
    this.#inbox.put({type: 'shutdown', nowMs: this.#options.now()})
  }

  /** Ends the runs that go on. */
  kill(signal: 'SIGTERM' | 'SIGKILL'): void {
    this.#impatience.abort()
    this.#runs.kill(signal)
  }

  async #take(event: DaemonEvent): Promise<void> {
    const effects = step(this.#state, event)
    const writes = effects.filter(isWrite)
    if (writes.length > 0 && !(await this.#save(writes))) {
      // Nothing of this step is done: the other daemon decides.
      if (event.type !== 'lease-lost') await this.#take({type: 'lease-lost', nowMs: this.#options.now()})
      return
    }
    for (const effect of effects) if (!isWrite(effect)) this.#perform(effect)
    for (const write of writes) {
      if (write.type === 'save-run' && write.run.state !== 'running') this.#forgetFiles(write.run)
    }
  }

  /** @returns false when another daemon has the lease. @throws when the disk is full and nobody wants to wait for room any more */
  async #save(writes: readonly RuleStateWrite[]): Promise<boolean> {
    const {log, stateFolder} = this.#options
    let isWaiting = false
    const onWait = (): void => {
      isWaiting = true
      log({level: 'error', msg: 'the disk is full: nothing is started until there is room', state: stateFolder})
    }
    const {signal} = this.#impatience
    const isOurs = await whenRoom(() => this.#rules.commit(this.#token, writes), {path: stateFolder, onWait, signal})
    if (isWaiting) log({level: 'info', msg: 'there is room again', state: stateFolder})
    return isOurs
  }

  /** What is in the database now, or of no interest. */
  #forgetFiles({id, state}: RunRow): void {
    this.#files.dropReport(id)
    if (state === 'skipped') this.#files.dropLog(id)
  }

  #perform(effect: Exclude<DaemonEffect, RuleStateWrite>): void {
    switch (effect.type) {
      case 'start-run':
        this.#runs.start(effect.run, this.#folder.folderFor(effect.definition, effect.isFromCopy))
        break
      case 'follow-run':
        this.#runs.follow(effect.run)
        break
      case 'notify':
        this.#tell(effect)
        break
      case 'log':
        this.#options.log(effect.line)
        break
      case 'wake':
        this.#wake(effect.atMs)
        break
      case 'finished':
        break
    }
  }

  #tell({id, notice, wishes}: Extract<DaemonEffect, {type: 'notify'}>): void {
    void this.#notifier.send(notice, wishes).then(isOver => {
      if (isOver) this.#inbox.put({type: 'notified', id, nowMs: this.#options.now()})
    })
  }

  #wake(atMs: number | undefined): void {
    this.#wakeAtMs = atMs
    clearTimeout(this.#timer)
    if (atMs === undefined) return
    // Longer waits end with a renewal: that also notices a clock that was set, or a machine that slept.
    const waitMs = Math.min(renewEveryMs * 2, Math.max(0, atMs - this.#options.now()))
    this.#timer = setTimeout(() => this.#tickIfDue(), waitMs)
  }

  #tickIfDue(): void {
    const nowMs = this.#options.now()
    if (this.#wakeAtMs === undefined) return
    if (nowMs >= this.#wakeAtMs) this.#inbox.put({type: 'tick', nowMs})
    else this.#wake(this.#wakeAtMs)
  }

  #takeOrders(): void {
    for (const order of this.#rules.orders()) {
      if (this.#ordersSeen.has(order.id)) continue
      this.#ordersSeen.add(order.id)
      this.#inbox.put({type: 'ordered', order, nowMs: this.#options.now()})
    }
  }

  #renew(): void {
    try {
      this.#renewNow()
    } catch (error) {
      // Whoever writes next waits for room and says so; another daemon has none either.
      if (!isDiskFull(error)) throw error
    }
  }

  #renewNow(): void {
    const nowMs = this.#options.now()
    if (!this.#rules.renewLease(this.#token, nowMs + leaseMs)) {
      this.#inbox.put({type: 'lease-lost', nowMs})
      return
    }
    this.#takeOrders()
    this.#tickIfDue()
    if (nowMs - this.#trimmedMs < trimEveryMs) return
    this.#trimmedMs = nowMs
    this.#trim(nowMs)
  }

  #trim(nowMs: number): void {
    for (const run of this.#rules.trimRuns(nowMs, {...history, ageMs: this.#options.historyMs ?? history.ageMs}))
      this.#files.dropLog(run)
    // Runs that were skipped leave their rows earlier.
    for (const run of this.#files.list()) if (this.#rules.run(run) === undefined) this.#files.dropLog(run)
  }
}

/** What notices may hold up the end of a daemon. Milliseconds. */
const notifyMsMax = 10_000

function isWrite(effect: DaemonEffect): effect is RuleStateWrite {
  return effect.type.startsWith('save-') || effect.type.startsWith('drop-')
}
