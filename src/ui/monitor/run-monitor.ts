/** Runs the monitor: asks the source again and again, and shows what the model becomes, on a screen or in plain lines. */
import {assert, messageOf, printable, UserError} from '../../base/index.ts'
import {plainIntervalMs} from '../limits.ts'
import {progressStyle} from '../progress.ts'
import {isOver} from './facts.ts'
import type {KeyName} from './keys.ts'
import {pollMs, pollRestFactor, pollTimeoutMs, tickMs} from './limits.ts'
import type {MonitorModel, Order} from './model.ts'
import {startModel} from './model.ts'
import {type MonitorEvent, monitorAfter, requestOf} from './monitor-after.ts'
import type {MonitorScreen} from './monitor-screen.ts'
import {onceText, plainLines} from './plain.ts'
import {Sleeper} from './sleeper.ts'
import type {MonitorSource, Snapshot} from './source.ts'

export interface MonitorOptions {
  readonly source: MonitorSource
  readonly stdout: NodeJS.WriteStream
  /** Read only for a screen. A function, because naming process.stdin already changes a pipe. */
  readonly stdin: () => NodeJS.ReadStream
  /** Whether keys can be pressed at all. */
  readonly isStdinTty: boolean
  readonly env: Readonly<Record<string, string | undefined>>
  readonly job?: string | undefined
  /** How often is looked; pollMs when absent. */
  readonly pollMs?: number
}

/** `signal`: the process was told to end, with the exit status for that. */
export type MonitorEnd = {readonly type: 'quit'} | {readonly type: 'signal'; readonly exitCode: number}

/** A person who ends the monitor has not interrupted anything. */
const exitCodes = {SIGINT: 0, SIGTERM: 143, SIGHUP: 129} as const

/**
 * Runs until the person quits; without a screen, until the job is over, if one was named.
 *
 * The first look comes before the screen: what is wrong then is an error of the command and not of the cluster.
 *
 * @throws what the first look threw
 */
export async function runMonitor(options: MonitorOptions): Promise<MonitorEnd> {
  const model = await firstModel(options)
  const run = new MonitorRun(options, model)
  return monitorStyle(options) === 'screen' ? run.onScreen() : run.inLines()
}

/** One look as text. @throws what it threw */
export async function monitorText(options: MonitorOptions): Promise<string> {
  return onceText(await firstModel(options))
}

/** One look as data. @throws what it threw */
export async function monitorSnapshot(options: MonitorOptions): Promise<Snapshot> {
  const {snapshot} = await firstModel(options)
  assert(snapshot !== undefined, 'a look that succeeds has a snapshot')
  return snapshot
}

/** Colours are one thing, a screen another: NO_COLOR takes only the first. */
function monitorStyle({stdout, isStdinTty, env}: MonitorOptions): 'screen' | 'plain' {
  const isTty = stdout.isTTY === true && isStdinTty
  // Too small for a screen now may be large enough after a resize.
  const style = progressStyle({stream: stdout, isTty, env: {...env, NO_COLOR: undefined}, columns: 80, rows: 24})
  const isSmall = stdout.isTTY === true && (stdout.columns < 40 || stdout.rows < 4)
  return style === 'screen' || (isTty && isSmall && env['TERM'] !== 'dumb') ? 'screen' : 'plain'
}

async function firstModel({source, stdout, env, job}: MonitorOptions): Promise<MonitorModel> {
  const nowMs = Date.now()
  const start = startModel({
    columns: stdout.columns || 120,
    rows: stdout.rows || 24,
    isColor: !env['NO_COLOR'],
    nowMs,
    zoneOffsetMinutes: new Date(nowMs).getTimezoneOffset(),
    job,
  })
  const snapshot = await source.poll(requestOf(start), AbortSignal.timeout(pollTimeoutMs))
  if (job !== undefined && snapshot.job === undefined) {
    throw new UserError('JOB_NOT_FOUND', `there is no job "${printable(job)}"`, {hint: 'see them all with: disco jobs'})
  }
  return monitorAfter(start, {type: 'snapshot', snapshot, nowMs: Date.now()})
}

/** The job that was named is over, or was purged: it was there at the first look. */
const isJobEnd = ({snapshot, detail}: MonitorModel): boolean =>
  snapshot?.job === undefined || (detail !== undefined && isOver(detail.info))

class MonitorRun {
  readonly #options: MonitorOptions
  readonly #sleeper = new Sleeper()
  readonly #end = new AbortController()
  #model: MonitorModel
  #show: () => void = () => undefined
  #result: MonitorEnd = {type: 'quit'}

  constructor(options: MonitorOptions, model: MonitorModel) {
    this.#options = options
    this.#model = model
  }

  async onScreen(): Promise<MonitorEnd> {
    const {openMonitorScreen} = await import('./monitor-screen.ts')
    const {stdout, stdin} = this.#options
    this.#model = monitorAfter(this.#model, {type: 'resize', columns: stdout.columns, rows: stdout.rows})
    const screen = openMonitorScreen(this.#model, {
      stdout,
      stdin: stdin(),
      onKey: key => this.#onKey(screen, key),
      onResize: (columns, rows) => {
        this.#model = monitorAfter(this.#model, {type: 'resize', columns, rows})
        return this.#model
      },
    })
    // Drawing that fails ends the monitor; the error itself comes from `closed`, below.
    screen.closed.catch(() => this.#end.abort())
    this.#show = () => screen.draw(this.#model)
    const ticking = setInterval(() => this.#dispatch({type: 'tick', nowMs: Date.now()}), tickMs)
    const release = this.#watchProcess(() => screen.close())
    try {
      await this.#look()
    } finally {
      clearInterval(ticking)
      screen.close()
      release()
    }
    await screen.closed
    return this.#result
  }

  async inLines(): Promise<MonitorEnd> {
    const {stdout, job} = this.#options
    let printed: MonitorModel | undefined
    let printedMs = -Infinity
    this.#show = () => {
      const {nowMs} = this.#model
      const isEnd = job !== undefined && isJobEnd(this.#model)
      const isOther = printed?.connection.state !== this.#model.connection.state
      if (!isEnd && !isOther && nowMs - printedMs < plainIntervalMs) return
      const lines = plainLines(printed, this.#model)
      if (lines.length > 0) stdout.write(lines.map(line => `${line}\n`).join(''))
      printed = this.#model
      printedMs = nowMs
      if (isEnd) this.#end.abort()
    }
    const release = this.#watchProcess(() => undefined)
    try {
      this.#show()
      await this.#look()
    } finally {
      release()
    }
    return this.#result
  }

  #onKey(screen: MonitorScreen, key: KeyName): void {
    if (key === 'ctrl-l') screen.redraw()
    else this.#dispatch({type: 'key', key, nowMs: Date.now()})
  }

  #dispatch(event: MonitorEvent): void {
    if (this.#end.signal.aborted) return
    this.#model = monitorAfter(this.#model, event)
    const {order} = this.#model
    if (order !== undefined) {
      this.#model = monitorAfter(this.#model, {type: 'order-taken'})
      void this.#perform(order)
    }
    if (this.#model.isPollWanted) this.#sleeper.wake()
    if (this.#model.isQuitting) this.#end.abort()
    else this.#show()
  }

  async #perform({order, job}: Order): Promise<void> {
    const done = {kill: 'is killed', pause: 'is paused', resume: 'goes on'} as const
    try {
      await this.#options.source.order(order, job)
      this.#dispatch({type: 'noted', text: `${job} ${done[order]}`, isBad: false, nowMs: Date.now()})
    } catch (error) {
      const text = `cannot ${order} ${job}: ${messageOf(error)}`
      this.#dispatch({type: 'noted', text, isBad: true, nowMs: Date.now()})
    }
  }

  /** Looks until the end, never twice at once. */
  async #look(): Promise<void> {
    const {signal} = this.#end
    let restMs = this.#options.pollMs ?? pollMs
    while (!signal.aborted) {
      if (!this.#model.isPollWanted) await this.#sleeper.sleep(restMs, signal)
      if (signal.aborted) return
      const startedMs = Date.now()
      await this.#lookOnce()
      const {connection} = this.#model
      const usualMs = Math.max(this.#options.pollMs ?? pollMs, (Date.now() - startedMs) * pollRestFactor)
      restMs = connection.state === 'up' ? usualMs : Math.max(0, connection.retryAtMs - Date.now())
    }
  }

  async #lookOnce(): Promise<void> {
    const tooLate = AbortSignal.timeout(pollTimeoutMs)
    const request = requestOf(this.#model)
    this.#model = monitorAfter(this.#model, {type: 'poll-started'})
    try {
      const signal = AbortSignal.any([this.#end.signal, tooLate])
      const snapshot = await this.#options.source.poll(request, signal)
      this.#dispatch({type: 'snapshot', snapshot, nowMs: Date.now()})
    } catch (error) {
      const reason = tooLate.aborted ? `nothing came within ${pollTimeoutMs / 1000} s` : messageOf(error)
      this.#dispatch({type: 'poll-failed', reason, nowMs: Date.now()})
    }
  }

  /** Whatever ends the process, the terminal is given back first: messages on the alternate screen would be lost. */
  #watchProcess(restore: () => void): () => void {
    const onSignal = (name: NodeJS.Signals): void => {
      const exitCode = exitCodes[name as keyof typeof exitCodes]
      if (exitCode !== 0) this.#result = {type: 'signal', exitCode}
      this.#end.abort()
    }
    const names = Object.keys(exitCodes) as (keyof typeof exitCodes)[]
    for (const name of names) process.on(name, onSignal)
    process.on('uncaughtExceptionMonitor', restore)
    // A listener of ours alone would keep a rejection from ending the process.
    if (process.listenerCount('unhandledRejection') > 0) process.prependListener('unhandledRejection', restore)
    return () => {
      for (const name of names) process.off(name, onSignal)
      process.off('uncaughtExceptionMonitor', restore)
      process.off('unhandledRejection', restore)
    }
  }
}
