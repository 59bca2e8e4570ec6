/**
 * A tag in memory, and what a change does to it.
 *
 * The rules themselves are in `protocol` (changeTag), because every store follows them. Here are the rows for them:
 * maps, so that an append costs what it adds, however large the tag is.
 */
import {
  type Applied,
  type Commit,
  changeTag,
  contentOf,
  type EntryRows,
  logLineOf,
  type NumberedEntry,
  pageBytesMax,
  replyBytesOf,
  type TagEntry,
  type TagHead,
  type TagLogLine,
  tagLogLinesMax,
  type Uniqueness,
} from '../protocol/index.ts'

/** Owned by its store and changed in place: nobody else keeps a reference. */
export interface TagState {
  head: TagHead
  readonly entries: MemoryEntries
  /** The last tagLogLinesMax lines, oldest first. */
  log: TagLogLine[]
}

/**
 * Applies a commit whose base was checked to a tag.
 *
 * @param state - changed in place; undefined when there is no such tag
 * @returns the tag as it is now (the same object, or a new one), and what to answer
 * @throws InvariantError when the change needs a tag and there is none
 */
export function applyChange(
  state: TagState | undefined,
  commit: Commit,
): {readonly state: TagState; readonly applied: Applied} {
  const entries = state?.entries ?? new MemoryEntries()
  const applied = changeTag(state?.head, entries, commit)
  const result = state ?? {head: applied.head, entries, log: []}
  result.head = applied.head
  addLogLine(result, logLineOf(commit, applied))
  return {state: result, applied}
}

/** Twice as many lines may be there before half are thrown away, so that a line costs the same in a long history. */
export function addLogLine(state: TagState, line: TagLogLine): void {
  state.log.push(line)
  if (state.log.length >= 2 * tagLogLinesMax) state.log = state.log.slice(-tagLogLinesMax)
}

/** The last `count` lines, oldest first. */
export function lastLogLines(state: TagState, count: number): readonly TagLogLine[] {
  const kept = Math.min(count, tagLogLinesMax)
  return kept <= 0 ? [] : state.log.slice(-kept)
}

/** The entries of one tag by number, by content and by name. */
export class MemoryEntries implements EntryRows {
  readonly #entries = new Map<number, TagEntry>()
  /** Content, then name, to numbers. Only blobs have a name. */
  readonly #numbers = new Map<string, Map<string, Set<number>>>()
  /** How many blob entries have a name. */
  readonly #nameCounts = new Map<string, number>()
  #lastNumber = 0

  has(entry: TagEntry, unique: Exclude<Uniqueness, 'none'>): boolean {
    if (unique === 'name' && entry.type === 'blob') return this.#nameCounts.has(entry.name)
    return this.#numbers.get(contentOf(entry))?.has(nameOf(entry)) ?? false
  }

  hasContent(content: string): boolean {
    return this.#numbers.has(content)
  }

  add(number: number, entry: TagEntry): void {
    this.#entries.set(number, entry)
    this.#lastNumber = Math.max(this.#lastNumber, number)
    const content = contentOf(entry)
    const names = this.#numbers.get(content) ?? new Map<string, Set<number>>()
    const numbers = names.get(nameOf(entry)) ?? new Set<number>()
    this.#numbers.set(content, names.set(nameOf(entry), numbers.add(number)))
    if (entry.type === 'blob') this.#nameCounts.set(entry.name, (this.#nameCounts.get(entry.name) ?? 0) + 1)
  }

  take(pattern: TagEntry): readonly TagEntry[] {
    const content = contentOf(pattern)
    const names = this.#numbers.get(content)
    if (names === undefined) return []
    const isAnyName = pattern.type === 'blob' && pattern.name === ''
    const taken: TagEntry[] = []
    for (const name of isAnyName ? [...names.keys()] : [nameOf(pattern)]) {
      for (const number of names.get(name) ?? []) taken.push(this.#takeNumber(number))
      names.delete(name)
    }
    if (names.size === 0) this.#numbers.delete(content)
    return taken
  }

  clear(): void {
    this.#entries.clear()
    this.#numbers.clear()
    this.#nameCounts.clear()
  }

  /** Entries behind number `after`, as many as fit a reply, at most `count`. */
  page(after: number, count: number): readonly NumberedEntry[] {
    const found: NumberedEntry[] = []
    let bytes = 0
    for (let number = after + 1; number <= this.#lastNumber && found.length < count; number++) {
      const entry = this.#entries.get(number)
      if (entry === undefined) continue
      const numbered = {number, entry}
      bytes += replyBytesOf(numbered)
      if (bytes > pageBytesMax && found.length > 0) break
      found.push(numbered)
    }
    return found
  }

  #takeNumber(number: number): TagEntry {
    const entry = this.#entries.get(number)!
    this.#entries.delete(number)
    if (entry.type === 'blob') {
      const left = this.#nameCounts.get(entry.name)! - 1
      if (left === 0) this.#nameCounts.delete(entry.name)
      else this.#nameCounts.set(entry.name, left)
    }
    return entry
  }
}

function nameOf(entry: TagEntry): string {
  return entry.type === 'blob' ? entry.name : ''
}
