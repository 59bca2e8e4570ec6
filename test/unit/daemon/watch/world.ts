/** A folder, a ledger, a spool and a cluster in memory, for runs of the core whose every step may be the last. */

import {createHash} from 'node:crypto'
import {basename} from 'node:path/posix'
import {gzipSync} from 'node:zlib'
import type {Random} from '../../../../src/base/index.ts'
import {cutText} from '../../../../src/daemon/watch/cut-text.ts'
import type {
  CutOrder,
  CutResult,
  FileStat,
  ProbeResult,
  Report,
  WatchEffect,
  WatchEvent,
} from '../../../../src/daemon/watch/events.ts'
import {digest} from '../../../../src/daemon/watch/identity.ts'
import {headBytesMax, windowBytes} from '../../../../src/daemon/watch/limits.ts'
import type {WatchOptions} from '../../../../src/daemon/watch/state.ts'
import type {LedgerFile, LedgerIntent, LedgerState} from '../../../../src/storage/index.ts'

export interface Inode {
  readonly number: number
  text: Buffer
  isCompressed: boolean
  isComplete: boolean
  modifiedAtMs: number
}

export class World {
  nowMs = 1_000_000_000
  readonly paths = new Map<string, Inode>()
  readonly freeInodes: number[] = []
  #nextInode = 1
  // The ledger.
  rows = new Map<number, LedgerFile>()
  intent: LedgerIntent | undefined
  nextId: number | undefined
  // The spool: blob to text.
  readonly spool = new Map<string, string>()
  // The cluster.
  readonly blobs = new Map<string, string>()
  readonly tags = new Map<string, {name: string; blob: string}[]>()
  readonly reports: Report[] = []
  isAway = false

  create(path: string, text = ''): Inode {
    const number = this.freeInodes.pop() ?? this.#nextInode++
    const inode = {number, text: Buffer.from(text), isCompressed: false, isComplete: true, modifiedAtMs: this.nowMs}
    this.paths.set(path, inode)
    return inode
  }

  remove(path: string): void {
    const inode = this.paths.get(path)
    if (inode !== undefined) this.freeInodes.push(inode.number)
    this.paths.delete(path)
  }

  append(path: string, text: string): void {
    const inode = this.paths.get(path)!
    inode.text = Buffer.concat([inode.text, Buffer.from(text)])
    inode.modifiedAtMs = this.nowMs
  }

  load(): LedgerState {
    const isNew = this.nextId === undefined
    return {files: [...this.rows.values()], intent: this.intent, nextId: this.nextId ?? 1, ledgerId: 'ledger', isNew}
  }

  list(): FileStat[] {
    return [...this.paths].map(([path, inode]) => this.#stat(path, inode)).sort((a, b) => (a.path < b.path ? -1 : 1))
  }

  probe(path: string, positions: readonly number[]): ProbeResult {
    const inode = this.paths.get(path)
    if (inode === undefined) return {type: 'gone'}
    if (!inode.isComplete) return {type: 'incomplete', stat: this.#stat(path, inode)}
    const {text} = inode
    const before = (at: number): Buffer => text.subarray(Math.max(0, at - windowBytes), at)
    const windows = new Map(positions.filter(at => at <= text.length).map(at => [at, before(at)]))
    const codec = inode.isCompressed ? 'gzip' : 'plain'
    const head = text.subarray(0, headBytesMax)
    const stat = this.#stat(path, inode)
    return {type: 'probe', probe: {stat, codec, textBytes: text.length, head, end: before(text.length), windows}}
  }

  cut({row, isFinal, entryName}: CutOrder, chunkBytes: number): CutResult {
    const inode = this.paths.get(row.path)
    if (inode === undefined || identityOf(inode) !== row.identity) return {type: 'changed'}
    const {text} = inode
    const tailOf = (at: number): string => digest(text.subarray(Math.max(0, at - windowBytes), at))
    const isSame = text.length >= row.offset && digest(text.subarray(0, row.headBytes)) === row.headHash
    if (!isSame || tailOf(row.offset) !== row.tailHash) return {type: 'changed'}
    const records = text.subarray(row.offset, row.offset + chunkBytes)
    const isAll = row.offset + chunkBytes > text.length
    const format = {format: {type: 'lines'}, hasHeader: false, recordBytesMax: 1000} as const
    const cut = cutText(records, format, isAll, isFinal)
    if (cut.type !== 'cut') return {type: 'nothing'}
    const chunk = records.subarray(0, cut.length).toString()
    const to = row.offset + cut.length
    const blob = createHash('sha256').update(chunk).digest('hex')
    this.spool.set(blob, chunk)
    const entry = {type: 'blob', blob, name: `${entryName}-${row.offset}-${to}`, bytes: cut.length} as const
    const head = text.subarray(0, headBytesMax)
    return {type: 'chunk', to, entry, head, tailHash: tailOf(to), header: undefined, modifiedAtMs: inode.modifiedAtMs}
  }

  persist(effect: WatchEffect): void {
    if (effect.type === 'save-files') {
      for (const row of effect.files) this.rows.set(row.id, row)
      for (const id of effect.forgotten) this.rows.delete(id)
      this.nextId = effect.nextId
    } else if (effect.type === 'save-intent') {
      this.intent = effect.intent
      this.rows.set(effect.file.id, effect.file)
      this.nextId = effect.nextId
    } else if (effect.type === 'finish-intent') {
      this.intent = undefined
      this.spool.delete(effect.blob)
    } else if (effect.type === 'report') this.reports.push(effect.report)
  }

  /** Fails or is cut short at any of its points, when the dice say so. */
  push({entry, tag}: LedgerIntent, dies: () => void, fails: () => boolean): WatchEvent {
    const failed = {type: 'push-failed', message: 'away', nowMs: this.nowMs} as const
    if (this.isAway || fails()) return failed
    if (!this.blobs.has(entry.blob)) {
      const chunk = this.spool.get(entry.blob)
      if (chunk === undefined) throw new Error(`the spool has lost ${entry.name}`)
      this.blobs.set(entry.blob, chunk)
    }
    dies()
    if (fails()) return failed
    const entries = this.tags.get(tag) ?? []
    if (!entries.some(one => one.name === entry.name)) entries.push({name: entry.name, blob: entry.blob})
    this.tags.set(tag, entries)
    dies()
    // The answer is lost.
    if (fails()) return failed
    return {type: 'pushed', wasKnown: false, nowMs: this.nowMs}
  }

  /** All lines in the cluster, in the order in which they came. */
  lines(): string[] {
    return [...this.tags.values()]
      .flatMap(entries => entries.map(entry => this.blobs.get(entry.blob) ?? ''))
      .flatMap(chunk => chunk.split('\n').filter(line => line !== ''))
  }

  #stat(path: string, inode: Inode): FileStat {
    const bytes = inode.isCompressed ? gzipSync(inode.text).length : inode.text.length
    return {path, identity: identityOf(inode), bytes, modifiedAtMs: inode.modifiedAtMs}
  }
}

const identityOf = (inode: Inode): string => `1:${inode.number}`

export const simOptions = (changes: Partial<WatchOptions> = {}): WatchOptions => ({
  chunkBytes: 200,
  ageMs: 1000,
  isOnce: false,
  isFromEnd: false,
  isPolling: true,
  isWanted: () => true,
  tagOf: name => `logs:${basename(name).replaceAll('.', '_')}`,
  ...changes,
})

export const chance = (random: Random, share: number): boolean => random.next() < share
