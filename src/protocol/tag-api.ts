/** Bodies of the HTTP interface about tags. */
import type {BlobId, NodeName, TagName} from './names.ts'
import type {NumberedEntry, TagChange, TagLogLine} from './tags.ts'
import type {Version} from './version.ts'

/** A tag as people and programs see it. */
export interface TagInfo {
  readonly tag: TagName
  readonly version: Version
  readonly createdAtMs: number
  readonly modifiedAtMs: number
  readonly deletedAtMs?: number
  readonly entryCount: number
  readonly bytes: number
  readonly recordCount: number
  readonly rawBytes: number
  readonly replicaCount: number
  readonly replicas: readonly NodeName[]
  readonly attributes: Readonly<Record<string, string>>
  readonly hasReadToken: boolean
  readonly hasWriteToken: boolean
}

/**
 * GET listTags `?prefix=&after=&count=&deleted=1`: in order of names, those after `after`. The attributes of a tag are empty
 * for whoever does not give its read token.
 */
export interface TagList {
  readonly tags: readonly TagInfo[]
  readonly next?: TagName
}

/** GET readEntries `?after=&count=&version=`: entries with numbers above `after`; pages of one version fit together. */
export interface EntryPage {
  readonly version: Version
  readonly entries: readonly NumberedEntry[]
  /** Ask on with `after=next&version=EPOCH.COUNTER`. */
  readonly next?: number
}

export interface TagLog {
  readonly lines: readonly TagLogLine[]
}

/** POST readContents: entries or history of several tags. */
export interface ContentsRequest {
  readonly tags: readonly TagName[]
  readonly part: 'entries' | 'log'
  /** With the entries the history as well. A master of before 2026-11-24 does not know that, and sends no `lines`. */
  readonly withHistory?: boolean
}

export interface ContentsAnswer {
  /** Of the first of these tags, in their order; at least of one. Ask on with the others. */
  readonly contents: readonly TagContents[]
}

/** With neither of both there is no such tag. */
export interface TagContents {
  readonly tag: TagName
  /** The first one. */
  readonly page?: EntryPage
  readonly lines?: readonly TagLogLine[]
}

/** POST changeTag. */
export interface ChangeRequest {
  readonly change: TagChange
  /** Counter of the version that the tag must have; 0: it must not exist. */
  readonly ifVersion?: number
  /** For a tag that the change makes. */
  readonly replicaCount?: number
  /** Who is to stand in the tag's history; the token's scope otherwise. */
  readonly by?: string
  /** Where blobs that the change names were just put: the nodes may not have told it yet. */
  readonly holders?: Readonly<Record<BlobId, readonly NodeName[]>>
}

export interface ChangeAnswer {
  readonly tag: TagInfo
  readonly addedCount: number
  readonly removedCount: number
  /** Whether the tag was there before. */
  readonly existed: boolean
}
