/** One of each message, with every field there is: the type refuses a sample that leaves one out. */
import type {Output} from '../../../src/pipeline/index.ts'
import type {
  BlobReply,
  Commit,
  Frame,
  MeshNotice,
  MeshRequest,
  NumberedEntry,
  TagChange,
  TagEntry,
  TagHead,
  TagReply,
} from '../../../src/protocol/index.ts'

/** As T, with no field optional, at any depth. */
export type Full<T> = T extends readonly (infer Item)[]
  ? readonly Full<Item>[]
  : T extends object
    ? {readonly [Name in keyof T]-?: Full<Exclude<T[Name], undefined>>}
    : T

/** A sample of every member of a union: a new member without one does not compile. */
type Samples<Union extends {readonly type: string}> = {
  readonly [Type in Union['type']]: Full<Extract<Union, {readonly type: Type}>>
}

export const blob = 'ab'.repeat(32)
export const version = {epoch: 3, counter: 8}

export const entries: readonly Full<TagEntry>[] = [
  {type: 'blob', blob, name: 'clicks-7.zst', bytes: 9, codec: 'zstd', recordCount: 2, rawBytes: 30},
  {type: 'tag', tag: 'other:tag'},
  {type: 'url', urls: ['https://example.org/a', 'file:///b']},
]
const numbered: readonly Full<NumberedEntry>[] = entries.map((entry, number) => ({number, entry}))

export const head: Full<TagHead> = {
  tag: 'incoming:web1:chunk:clicks:2026-11-23',
  version,
  replicas: ['n1', 'n2', 'n3'],
  replicaCount: 3,
  createdAtMs: 1,
  modifiedAtMs: 2,
  deletedAtMs: 3,
  isPurged: true,
  entryCount: 4,
  bytes: 5,
  recordCount: 6,
  rawBytes: 7,
  nextNumber: 8,
  attributes: {owner: 'ann'},
  readToken: 'r',
  writeToken: 'w',
}

const changeSamples: Samples<TagChange> = {
  append: {type: 'append', entries, unique: 'entry'},
  replace: {type: 'replace', entries},
  remove: {type: 'remove', entries},
  'set-attributes': {type: 'set-attributes', set: {a: 'b'}, unset: ['c']},
  'set-tokens': {type: 'set-tokens', read: 'r', write: null},
  delete: {type: 'delete'},
  restore: {type: 'restore'},
  purge: {type: 'purge'},
  place: {type: 'place', replicas: ['n1'], replicaCount: 1},
  claim: {type: 'claim'},
}
export const changes: readonly TagChange[] = Object.values(changeSamples)

const epoch = 3
const tag = head.tag
const commit: Full<Commit> = {
  tag,
  base: version,
  next: version,
  change: changeSamples.append,
  placement: {replicas: ['n1'], replicaCount: 2},
  ownerToken: 't',
  atMs: 1.5,
  by: 'write',
}
const runName = {job: 'words@1a', task: 3, run: 9}
const outputs: readonly Full<Output>[] = [
  {
    label: 1,
    place: {type: 'file', node: 'n1', path: '9/part-0'},
    bytes: 4,
    records: 2,
    nodes: ['n1'],
    sha256: 'ab'.repeat(32),
  },
  {label: 0, place: {type: 'urls', urls: ['raw://x']}, bytes: 0, records: 0, nodes: [], sha256: 'cd'.repeat(32)},
  {label: 0, place: {type: 'blob', blob}, bytes: 5, records: 0, nodes: ['n2'], sha256: blob},
]
const taskInputs = outputs.map((output, number) => ({task: -1, run: 0, number, key: 'k', output}))
const requestSamples: Samples<MeshRequest> = {
  commit: {type: 'commit', epoch, commit},
  'read-head': {type: 'read-head', epoch, tag},
  'read-entries': {type: 'read-entries', epoch, tag, at: version, after: -1, count: 10},
  'read-log': {type: 'read-log', epoch, tag, count: 10},
  sync: {type: 'sync', epoch, tag, from: 'n2', atLeast: version},
  forget: {type: 'forget', epoch, tag, upTo: version},
  'fetch-tag': {type: 'fetch-tag', tag, after: 7},
  'find-references': {type: 'find-references', epoch, blobs: [blob]},
  'fetch-blob': {type: 'fetch-blob', epoch, blob, bytes: 9, replicaCount: 2, from: ['n2']},
  'touch-blobs': {type: 'touch-blobs', epoch, blobs: [blob], replicaCount: 2, isDeep: true},
  'list-idle-blobs': {type: 'list-idle-blobs', epoch, idleMs: 5, after: '', count: 3},
  'drop-blobs': {type: 'drop-blobs', epoch, blobs: [blob], idleMs: 0},
  scrub: {type: 'scrub', epoch, after: blob, bytes: 3},
  'tags-restored': {type: 'tags-restored', epoch},
  'start-run': {
    type: 'start-run',
    epoch,
    ...runName,
    stage: 'map',
    stageIndex: 0,
    grouping: 'split',
    group: {label: 1, node: 'n1', output: 2},
    inputs: taskInputs,
    hasAllInputs: true,
    isLastStage: false,
    isAhead: true,
    pack: {hash: 'ef'.repeat(32), bytes: 77},
  },
  'take-orders': {type: 'take-orders', epoch, orders: [{type: 'accept-run', epoch, ...runName}]},
  'push-inputs': {type: 'push-inputs', epoch, ...runName, inputs: taskInputs, isEnd: true},
  'stop-run': {type: 'stop-run', epoch, ...runName},
  'accept-run': {type: 'accept-run', epoch, ...runName},
  'end-job': {type: 'end-job', keepsStages: false, epoch, job: runName.job, isPurged: true},
  'save-files': {
    type: 'save-files',
    epoch,
    job: runName.job,
    files: [{path: '9/part-0', targets: [{node: 'n2', url: 'http://n2:1/uploads/x'}]}],
  },
}
export const requests: readonly MeshRequest[] = [
  ...Object.values(requestSamples),
  ...changes.map(change => ({type: 'commit', epoch, commit: {...commit, change}}) as const),
]

const log = [{version, change: 'append', atMs: 1, by: 'x', addedCount: 1, removedCount: 0}] as const
const failedSample = {type: 'failed', code: 'STALE_EPOCH', message: 'old', epoch: 4} as const

const tagRepliesByType: Samples<TagReply> = {
  applied: {type: 'applied', applied: {head, addedCount: 1, removedCount: 0}},
  head: {type: 'head', head},
  entries: {type: 'entries', entries: numbered, hasMore: true},
  log: {type: 'log', lines: log},
  synced: {type: 'synced', head},
  forgotten: {type: 'forgotten'},
  'tag-page': {type: 'tag-page', page: {head, entries: numbered, log, after: 3}},
  references: {type: 'references', blobs: [{blob, tag}]},
  mismatch: {type: 'mismatch', head},
  failed: failedSample,
}
export const tagReplies: readonly TagReply[] = Object.values(tagRepliesByType)

const report = {blob, bytes: 1, replicaCount: 2, touchedAtMs: 3}
const blobRepliesByType: Samples<BlobReply> = {
  stored: {type: 'stored', blob, bytes: 1},
  touched: {type: 'touched', blobs: [blob]},
  'idle-blobs': {type: 'idle-blobs', blobs: [report], after: blob},
  dropped: {type: 'dropped', blobs: [blob], bytes: 1},
  scrubbed: {type: 'scrubbed', blobCount: 1, bytes: 2, corrupt: [blob], after: blob},
  failed: failedSample,
}
export const blobReplies: readonly BlobReply[] = Object.values(blobRepliesByType)

const status = {
  freeBytes: 1,
  disks: [{disk: 'd1', freeBytes: 1}],
  usedBytes: 2,
  blobCount: 3,
  tagCount: 4,
  reserveBytes: 5,
  isFull: false,
  corruptCount: 6,
  transferCount: 7,
}
const view = {
  cluster: 'c1',
  version,
  members: [{name: 'n1', key: 'k1', address: 'http://web1:7800', state: 'up', isDraining: false}],
  timings: {heartbeatMs: 1, lostAfterMs: 3, tombstoneMs: 9},
  settings: {'gc.grace': '1d', copies: 3, balance: true},
} as const

const notices: Samples<MeshNotice> = {
  'inventory-begin': {type: 'inventory-begin', isRebuilding: true},
  'inventory-tags': {type: 'inventory-tags', heads: [head]},
  'inventory-blobs': {type: 'inventory-blobs', blobs: [report]},
  'inventory-end': {type: 'inventory-end'},
  'blobs-stored': {type: 'blobs-stored', blobs: [report]},
  'uploads-ended': {type: 'uploads-ended', targets: ['t']},
  'blobs-gone': {type: 'blobs-gone', blobs: [blob], reason: 'corrupt'},
  status: {type: 'status', status},
  'jobs-begin': {type: 'jobs-begin', slots: 2, jobs: [runName.job]},
  'run-running': {type: 'run-running', ...runName, hasAllInputs: true, isAhead: true},
  'jobs-ready': {type: 'jobs-ready'},
  'jobs-status': {type: 'jobs-status', freeBytes: 1, totalBytes: 2, freeMemoryBytes: 3, totalMemoryBytes: 4},
  'run-progress': {type: 'run-progress', ...runName, progress: {records: 1, bytes: 2, cpuMs: 3.5}},
  'run-messages': {type: 'run-messages', ...runName, texts: ['hello']},
  'run-outputs': {type: 'run-outputs', ...runName, at: 0, outputs},
  'run-ended': {
    type: 'run-ended',
    ...runName,
    end: {state: 'done', at: 3, outputs, progress: {records: 1, bytes: 2, cpuMs: 3}, counters: {'ü lines': 1.5}},
  },
  'runs-ended': {
    type: 'runs-ended',
    ends: [
      {...runName, end: {state: 'done', at: 0, outputs, progress: {records: 1, bytes: 2, cpuMs: 3}, counters: {n: 1}}},
    ],
  },
}
const failedRun: MeshNotice = {
  type: 'run-ended',
  ...runName,
  end: {
    state: 'failed',
    failure: {class: 'input-lost', message: 'gone', sample: '{}', inputs: [{task: 1, run: 2, isGone: true}]},
  },
}

const frameSamples: Omit<Samples<Frame>, 'request' | 'reply' | 'notice'> = {
  hello: {
    type: 'hello',
    to: 'master',
    protocol: {min: 1, max: 2},
    software: 'disco-inferno 0.1.0',
    node: 'n1',
    key: 'k1',
    pid: 7,
    slotCount: 2,
    cluster: 'c1',
    address: 'http://web1:7800',
    epoch: 3,
    epochOf: 'm1',
    lastContactAtMs: 1,
    nowMs: 2,
    force: true,
    view,
  },
  welcome: {type: 'welcome', protocol: 1, software: 's', key: 'm1', epoch: 3, view, nowMs: 5},
  ready: {type: 'ready'},
  refused: {type: 'refused', code: 'NAME_TAKEN', message: 'm', hint: 'h', epoch: 4},
  ping: {type: 'ping', count: 1, nowMs: 2},
  pong: {type: 'pong', count: 1, view: version, status},
  view: {type: 'view', view},
  'probe-request': {type: 'probe-request', call: 1, node: 'n2'},
  'probe-reply': {type: 'probe-reply', call: 1, node: 'n2', isAlive: true},
  error: {type: 'error', code: 'BAD_MESSAGE', message: 'm'},
}

export const frames: readonly Frame[] = [
  ...Object.values(frameSamples),
  ...requests.map((body, call) => ({type: 'request', call, body}) as const),
  ...[...tagReplies, ...blobReplies].map((body, call) => ({type: 'reply', call, body}) as const),
  ...[...Object.values(notices), failedRun].map(body => ({type: 'notice', body}) as const),
]
