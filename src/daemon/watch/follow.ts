/** The shell of `ddfs watch`: does what the core (`plan.ts`) orders, one thing after another. */
import {dirname} from 'node:path'
import {ClusterError, messageOf, UserError} from '../../base/index.ts'
import {type RecordFormat, recordBytesDefault} from '../../client/index.ts'
import type {Codec} from '../../protocol/index.ts'
import {isDiskFull, type LedgerIntent, type WatchLedger} from '../../storage/index.ts'
import {whenRoom} from '../when-room.ts'
import type {ChunkTarget} from './chunk-target.ts'
import {FileCutter} from './cut-file.ts'
import {hasGivenUp} from './cutting.ts'
import type {FileStat, Report, WatchEffect, WatchEvent} from './events.ts'
import {Inbox} from './inbox.ts'
import {listFiles} from './list-files.ts'
import {step} from './plan.ts'
import {probeFile} from './read-text.ts'
import {Spool} from './spool.ts'
import {newState, type WatchOptions, type WatchState} from './state.ts'
import {watchChanges} from './watch-changes.ts'

export interface FollowOptions extends WatchOptions {
  /** Absolute path. */
  readonly folder: string
  readonly isRecursive: boolean
  /** Of the stored chunks. */
  readonly codec: Codec
  readonly format: RecordFormat
  readonly hasHeader: boolean
  /** Top-level fields whose ranges go into footers. */
  readonly statistics: readonly string[]
  readonly recordBytesMax?: number | undefined
  /** Where a chunk waits until it is safe. */
  readonly spoolFolder: string
  onReport(report: Report): void
}

/**
 * Follows a folder until `signal` aborts, or with `isOnce` until everything in it is pushed.
 *
 * Stopping, like a kill, leaves a chunk that is under way to the next start.
 *
 * @param ledger - of this folder; the caller closes it
 * @returns with `isOnce` what could not be pushed, if anything
 * @throws UserError for what a person must change: FORBIDDEN, BAD_NAME, TAG_TOO_LARGE
 */
export async function followFolder(
  options: FollowOptions,
  ledger: WatchLedger,
  target: ChunkTarget,
  signal: AbortSignal,
): Promise<LeftBehind | undefined> {
  const loaded = ledger.load()
  const spool = await Spool.open(options.spoolFolder, loaded.intent?.entry.blob)
  const inbox = new Inbox<WatchEvent>(signal)
  const follower = new Follower(options, ledger, target, spool, inbox, signal)
  const isWatched = !options.isOnce && !options.isPolling
  const watcher = isWatched ? await watchChanges(options.folder, options.isRecursive, follower) : undefined
  const state = newState(options)
  try {
    inbox.put({type: 'started', ledger: loaded, nowMs: follower.now()})
    for await (const event of inbox) {
      for (const effect of step(state, event)) await follower.perform(effect)
      if (state.isFinished) return leftBehind(state)
    }
    return undefined
  } catch (error) {
    // Stopped while it waited for room: what was not saved is done again by the next start, as after a kill.
    if (signal.aborted && isDiskFull(error)) return undefined
    throw error
  } finally {
    await watcher?.close()
    await follower.close()
  }
}

/** What a drain could not push. */
export interface LeftBehind {
  readonly message: string
  /** It was the cluster or a disk, and not a file. */
  readonly isAway: boolean
}

const leftBehind = (state: WatchState): LeftBehind | undefined =>
  state.failure === undefined ? undefined : {message: state.failure, isAway: hasGivenUp(state)}

/** A blob that was stored a moment ago may be on nodes that were lost since: it waits in the spool, and is stored again. */
const mendedByTrying: ReadonlySet<string> = new Set(['CANNOT_REACH', 'BLOB_NOT_FOUND'])

class Follower {
  readonly #options: FollowOptions
  readonly #ledger: WatchLedger
  readonly #target: ChunkTarget
  readonly #spool: Spool
  readonly #inbox: Inbox<WatchEvent>
  readonly #signal: AbortSignal
  readonly #cutter: FileCutter
  readonly #startedAtMs = Date.now() - performance.now()
  #work: Promise<void> = Promise.resolve()
  #timer: NodeJS.Timeout | undefined

  constructor(
    options: FollowOptions,
    ledger: WatchLedger,
    target: ChunkTarget,
    spool: Spool,
    inbox: Inbox<WatchEvent>,
    signal: AbortSignal,
  ) {
    const {recordBytesMax = recordBytesDefault} = options
    this.#options = options
    this.#ledger = ledger
    this.#target = target
    this.#spool = spool
    this.#inbox = inbox
    this.#signal = signal
    this.#cutter = new FileCutter({...options, recordBytesMax, spool})
  }

  /** Goes on evenly when someone sets the clock. */
  now(): number {
    return Math.floor(this.#startedAtMs + performance.now())
  }

  onChange(stat: FileStat | undefined): void {
    this.#inbox.put({type: 'noticed', nowMs: this.now(), ...(stat === undefined ? {} : {stat})})
  }

  onLost(message: string): void {
    this.#inbox.put({type: 'watcher-lost', message, nowMs: this.now()})
  }

  async perform(effect: WatchEffect): Promise<void> {
    switch (effect.type) {
      case 'save-files':
        return this.#save(() => this.#ledger.saveFiles(effect.files, effect.forgotten, effect.nextId))
      case 'save-intent':
        return this.#save(() => this.#ledger.saveIntent(effect.intent, effect.file, effect.nextId))
      case 'finish-intent':
        await this.#save(() => this.#ledger.finishIntent())
        return this.#spool.drop(effect.blob)
      case 'report':
        return this.#options.onReport(effect.report)
      case 'wake':
        return this.#wake(effect.atMs)
      case 'finished':
        return
      default:
        this.#start(effect)
    }
  }

  /** What comes next relies on what is saved. @throws when the disk is full and the follower is stopped */
  async #save(work: () => void): Promise<void> {
    const {spoolFolder, isOnce, onReport} = this.#options
    const path = dirname(spoolFolder)
    let isWaiting = false
    const onWait = (): void => {
      isWaiting = true
      onReport({type: 'warning', message: `no room left in ${path}; trying again`})
    }
    // Who wants it done once wants to hear that it cannot be.
    await whenRoom(work, {path, onWait, signal: isOnce ? AbortSignal.abort() : this.#signal})
    if (isWaiting) onReport({type: 'back'})
  }

  /** After the work that is under way. */
  async close(): Promise<void> {
    clearTimeout(this.#timer)
    await this.#work
    this.#cutter.close()
  }

  #wake(atMs: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#inbox.put({type: 'tick', nowMs: this.now()}), Math.max(1, atMs - this.now()))
  }

  #start(effect: Extract<WatchEffect, {type: 'list' | 'probe' | 'cut' | 'push'}>): void {
    this.#work = this.#answer(effect).then(
      event => this.#inbox.put(event),
      (error: unknown) => this.#inbox.fail(error),
    )
  }

  async #answer(effect: Extract<WatchEffect, {type: 'list' | 'probe' | 'cut' | 'push'}>): Promise<WatchEvent> {
    const {folder} = this.#options
    switch (effect.type) {
      case 'list':
        return this.#list()
      case 'probe': {
        const result = await probeFile(folder, effect.path, effect.windows, this.#signal)
        return {type: 'probed', path: effect.path, result, nowMs: this.now()}
      }
      case 'cut': {
        const result = await this.#cutter.cut(effect.order)
        return {type: 'cut', file: effect.order.row.id, result, nowMs: this.now()}
      }
      case 'push':
        return this.#push(effect.intent)
    }
  }

  async #list(): Promise<WatchEvent> {
    const {folder, isRecursive} = this.#options
    try {
      return {type: 'listed', files: await listFiles(folder, isRecursive), nowMs: this.now()}
    } catch (error) {
      const message = `${folder} cannot be listed: ${messageOf(error)}`
      return {type: 'listed', files: undefined, message, nowMs: this.now()}
    }
  }

  async #push({tag, entry}: LedgerIntent): Promise<WatchEvent> {
    try {
      const open = (): AsyncIterable<Uint8Array> => this.#spool.read(entry.blob)
      const wasKnown = await this.#target.store(entry, open, this.#signal)
      await this.#target.append(tag, entry, this.#signal)
      return {type: 'pushed', wasKnown, nowMs: this.now()}
    } catch (error) {
      this.#signal.throwIfAborted()
      // Time mends what is the cluster's; a person has to mend the rest, but a cluster that is not there yet may come.
      const mayMend = error instanceof ClusterError || (error instanceof UserError && mendedByTrying.has(error.code))
      if (mayMend) return {type: 'push-failed', message: error.message, nowMs: this.now()}
      if (!(error instanceof UserError)) throw error
      throw new UserError(error.code, `${entry.name} for ${tag}: ${error.message}`, {
        cause: error,
        exitCode: error.exitCode,
        ...(error.hint === undefined ? {} : {hint: error.hint}),
      })
    }
  }
}
