/** Events of a job as Disco's file of them: one JSON array a line. An offset in it stays what it is while lines are added. */
import type {EventRow} from '../../protocol/index.ts'
import type {Journal, JournalEvent} from '../../storage/index.ts'
import {eventCharsMax} from './limits.ts'
import {localTime} from './times.ts'

/** Events read from the journal at a time. */
const pageCount = 1000

/** Jobs whose pages are known by their bytes. */
const indexedJobsMax = 1000

const eventRow = ({nowMs, source, text}: JournalEvent): EventRow => [
  localTime(nowMs),
  source,
  text.slice(0, eventCharsMax),
]

export const eventLine = (event: JournalEvent): string => `${JSON.stringify(eventRow(event))}\n`

interface PageIndex {
  /** Byte at which each full page begins: page N holds events N * pageCount and on. */
  readonly starts: number[]
}

/** What it remembers of a job's lines it can make again from the journal. */
export class EventText {
  readonly #journal: Journal
  readonly #indexes = new Map<string, PageIndex>()

  constructor(journal: Journal) {
    this.#journal = journal
  }

  /** @param from - byte @returns the text from there on, and how many bytes all of it has */
  read(job: string, from: number): {readonly bytes: Buffer; readonly total: number} {
    const index = this.#indexOf(job)
    let page = 0
    while (page + 1 < index.starts.length && index.starts[page + 1]! <= from) page++
    let at = index.starts[page]!
    const parts: Buffer[] = []
    for (; ; page++) {
      const {events} = this.#journal.eventsOf(job, page * pageCount, pageCount)
      const own = events.filter(event => event.number < (page + 1) * pageCount)
      const text = Buffer.from(own.map(eventLine).join(''))
      const end = at + text.length
      if (end > from) parts.push(text.subarray(Math.max(from - at, 0)))
      at = end
      const isFull = own.at(-1)?.number === (page + 1) * pageCount - 1 || events.length > own.length
      if (!isFull) return {bytes: Buffer.concat(parts), total: at}
      index.starts[page + 1] = at
    }
  }

  /** The newest `count` lines that hold `filter`, whatever its case; newest first. */
  last(job: string, count: number, filter: string): EventRow[] {
    const wanted = filter.toLowerCase()
    let found: EventRow[] = []
    for (let from = 0; ; ) {
      const {events} = this.#journal.eventsOf(job, from, pageCount)
      for (const event of events) {
        if (wanted === '' || eventLine(event).toLowerCase().includes(wanted)) found.push(eventRow(event))
      }
      if (found.length > 2 * count) found = found.slice(-count)
      const last = events.at(-1)
      if (last === undefined || events.length < pageCount) return found.slice(-count).reverse()
      from = last.number + 1
    }
  }

  #indexOf(job: string): PageIndex {
    const known = this.#indexes.get(job) ?? {starts: [0]}
    this.#indexes.delete(job)
    this.#indexes.set(job, known)
    const [oldest] = this.#indexes.keys()
    if (this.#indexes.size > indexedJobsMax && oldest !== undefined) this.#indexes.delete(oldest)
    return known
  }
}
