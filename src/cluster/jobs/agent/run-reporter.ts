/** Tells the master about runs: ends at once (several in a notice when they come so), progress and messages at most twice a second, large outputs in pages. */
import {
  endsPerNoticeMax,
  type RunEnd,
  type RunName,
  type RunProgress,
  runPartsMax,
  runTextLengthMax,
  type TaskNotice,
} from '../../../protocol/index.ts'
import {messagesPerNoticeMax, progressEveryMs} from '../limits.ts'
import type {DoneOutcome, EndedRun} from './ended-runs.ts'
import type {RunOutcome} from './task-runner.ts'

interface Pending {
  readonly name: RunName
  progress: RunProgress | undefined
  texts: string[]
  droppedCount: number
}

/** Nothing is kept for a master that is away: ends reject, and the next report tells them. Ended by `close`. */
export class RunReporter {
  readonly #send: (notice: TaskNotice) => Promise<void>
  readonly #pending = new Map<number, Pending>()
  #timer: NodeJS.Timeout | undefined

  /** @param send - to the master; rejects without a link: then the next report tells what counts */
  constructor(send: (notice: TaskNotice) => Promise<void>) {
    this.#send = send
  }

  progress(name: RunName, progress: RunProgress): void {
    this.#of(name).progress = progress
  }

  message(name: RunName, text: string): void {
    const pending = this.#of(name)
    if (pending.texts.length < messagesPerNoticeMax) pending.texts.push(text.slice(0, runTextLengthMax))
    else pending.droppedCount++
  }

  /** What was said before comes before. */
  async end(name: RunName, outcome: RunOutcome): Promise<void> {
    const pending = this.#pending.get(name.run)
    this.#pending.delete(name.run)
    if (pending !== undefined) await this.#tellMessages(pending)
    await sendEnd(this.#send, name, outcome)
  }

  /** Of several runs that are done; small ends share a notice. @throws when there is no link */
  async endAll(ends: readonly EndedRun[]): Promise<void> {
    let small: EndedRun[] = []
    for (const ended of ends) {
      const {name, outcome} = ended
      const pending = this.#pending.get(name.run)
      this.#pending.delete(name.run)
      if (pending !== undefined) await this.#tellMessages(pending)
      if (isSmall(outcome)) small.push(ended)
      else await sendEnd(this.#send, name, outcome)
      if (small.length < endsPerNoticeMax) continue
      await sendSmallEnds(this.#send, small)
      small = []
    }
    await sendSmallEnds(this.#send, small)
  }

  drop(run: number): void {
    this.#pending.delete(run)
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#pending.clear()
  }

  #of(name: RunName): Pending {
    const known = this.#pending.get(name.run)
    if (known !== undefined) return known
    const pending: Pending = {name, progress: undefined, texts: [], droppedCount: 0}
    this.#pending.set(name.run, pending)
    this.#timer ??= setTimeout(() => void this.#flush(), progressEveryMs)
    return pending
  }

  async #flush(): Promise<void> {
    this.#timer = undefined
    const all = [...this.#pending.values()]
    this.#pending.clear()
    for (const pending of all) {
      await this.#tellMessages(pending)
      if (pending.progress !== undefined) {
        await this.#quietly({type: 'run-progress', ...pending.name, progress: pending.progress})
      }
    }
  }

  async #tellMessages({name, texts, droppedCount}: Pending): Promise<void> {
    if (texts.length === 0) return
    const all = droppedCount === 0 ? texts : [...texts, `${droppedCount} more lines were dropped: too many at once`]
    await this.#quietly({type: 'run-messages', ...name, texts: all})
  }

  /** Nothing depends on it: without a link it is lost. */
  async #quietly(notice: TaskNotice): Promise<void> {
    await this.#send(notice).catch(() => undefined)
  }
}

/** Outputs of an end that may share a notice: of the most that one holds it stays inside a frame. */
const smallOutputsMax = 8

const isSmall = ({outputs, counters}: DoneOutcome): boolean =>
  outputs.length <= smallOutputsMax && counters === undefined

async function sendSmallEnds(send: (notice: TaskNotice) => Promise<void>, ends: readonly EndedRun[]): Promise<void> {
  const [first] = ends
  if (first === undefined) return
  if (ends.length === 1) await sendEnd(send, first.name, first.outcome)
  else await send({type: 'runs-ended', ends: ends.map(({name, outcome}) => ({...name, end: endOf(outcome)}))})
}

const endOf = ({outputs, progress}: DoneOutcome): RunEnd => ({state: 'done', at: 0, outputs, progress})

/** @throws when there is no link */
export async function sendEnd(
  send: (notice: TaskNotice) => Promise<void>,
  name: RunName,
  outcome: RunOutcome,
): Promise<void> {
  if (outcome.state === 'failed') {
    await send({type: 'run-ended', ...name, end: outcome})
    return
  }
  const {outputs, progress, counters} = outcome
  let at = 0
  for (; outputs.length - at > runPartsMax; at += runPartsMax) {
    await send({type: 'run-outputs', ...name, at, outputs: outputs.slice(at, at + runPartsMax)})
  }
  const end: RunEnd = {state: 'done', at, outputs: outputs.slice(at), progress, ...(counters && {counters})}
  await send({type: 'run-ended', ...name, end})
}
