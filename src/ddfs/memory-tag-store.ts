import {
  answerTagRequest,
  type BlobId,
  compareVersions,
  type Failed,
  type InstallResult,
  isSameVersion,
  promiseEpoch,
  type StoreRequest,
  type TagHead,
  type TagName,
  type TagPage,
  type TagReply,
  type TagRows,
  type TagStore,
} from '../protocol/index.ts'
import {addLogLine, applyChange, lastLogLines, MemoryEntries, type TagState} from './tag-state.ts'

/** Tags in memory, for the simulator and for tests: answers as the store in SQLite does, and never fails. */
export class MemoryTagStore implements TagStore {
  readonly #tags = new Map<TagName, TagState>()
  /** Tags of which not all pages have come. */
  readonly #incoming = new Map<TagName, TagState>()
  readonly #meta = new Map<string, string>()
  #epoch = 0
  readonly #rows: TagRows = {
    epoch: () => this.#epoch,
    setEpoch: epoch => {
      this.#epoch = epoch
    },
    head: tag => this.#tags.get(tag)?.head,
    page: (tag, after, count) => this.#tags.get(tag)?.entries.page(after, count) ?? [],
    apply: commit => {
      const {state, applied} = applyChange(this.#tags.get(commit.tag), commit)
      this.#tags.set(commit.tag, state)
      return applied
    },
    log: (tag, count) => {
      const state = this.#tags.get(tag)
      return state === undefined ? [] : lastLogLines(state, count)
    },
    remove: tag => {
      this.#tags.delete(tag)
    },
    references: blobs => this.#references(blobs),
  }

  handle(request: StoreRequest): TagReply {
    return answerTagRequest(this.#rows, request)
  }

  handleAll(requests: readonly StoreRequest[]): TagReply[] {
    return requests.map(request => this.handle(request))
  }

  install(page: TagPage, isFirst: boolean): InstallResult {
    const {head} = page
    const own = this.#tags.get(head.tag)?.head
    const difference = compareVersions(own?.version, head.version)
    if (own !== undefined && difference >= 0) {
      this.#incoming.delete(head.tag)
      return difference > 0 ? {type: 'refused', head: own} : {type: 'installed', head: own}
    }
    if (isFirst) this.#incoming.set(head.tag, {head, entries: new MemoryEntries(), log: []})
    const incoming = this.#incoming.get(head.tag)
    if (incoming === undefined || !isSameVersion(incoming.head.version, head.version)) {
      this.#incoming.delete(head.tag)
      return {type: 'restart'}
    }
    for (const {number, entry} of page.entries) incoming.entries.add(number, entry)
    for (const line of page.log) addLogLine(incoming, line)
    if (page.after !== undefined) return {type: 'more'}
    this.#incoming.delete(head.tag)
    this.#tags.set(head.tag, incoming)
    return {type: 'installed', head}
  }

  heads(after: TagName, count: number): readonly TagHead[] {
    const names = [...this.#tags.keys()].filter(name => name > after).sort()
    return names.slice(0, count).map(name => this.#tags.get(name)!.head)
  }

  tagCount(): number {
    return this.#tags.size
  }

  epoch(): number {
    return this.#epoch
  }

  promise(epoch: number): Failed | undefined {
    return promiseEpoch(this.#rows, epoch)
  }

  meta(key: string): string | undefined {
    return this.#meta.get(key)
  }

  setMeta(key: string, value: string): void {
    this.#meta.set(key, value)
  }

  /** Nothing to close: what it holds can be looked at afterwards. */
  close(): void {
    this.#incoming.clear()
  }

  #references(blobs: readonly BlobId[]): {readonly blob: BlobId; readonly tag: TagName}[] {
    const found: {readonly blob: BlobId; readonly tag: TagName}[] = []
    for (const blob of blobs) {
      for (const [tag, state] of this.#tags) {
        if (!state.entries.hasContent(blob)) continue
        found.push({blob, tag})
        break
      }
    }
    return found
  }
}
