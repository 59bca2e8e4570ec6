/**
 * The HTTP interface of a node, version 1. One table names every endpoint and who may use it; the server routes by it,
 * the client calls by it, a test walks it.
 *
 * JSON in and out, UTF-8. `Authorization: Bearer TOKEN` carries the cluster's token, `X-Tag-Token` the token of a tag.
 * Any agent answers the endpoints of the master, too: it passes them on. Errors are `ApiError` with a fitting status.
 */

/** What a token may do. `admin` includes all; `write` includes `read`. `join` is for agents only. */
export type Scope = 'read' | 'write' | 'run-rules' | 'run-code' | 'admin' | 'join'

/** `none`: everybody. `ticket`: whoever has a signed, unexpired URL from the master. */
export type Access = Scope | 'none' | 'ticket'

export interface Endpoint {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE'
  /** `:name` stands for one path segment, percent-decoded once. */
  readonly path: string
  readonly access: Access
  /** Who answers: the master (agents pass the request on to it) or the node that was asked. */
  readonly by: 'master' | 'node'
}

export const endpoints = {
  /** The status page: the same for everybody, since it holds no fact about the cluster. */
  webPage: {method: 'GET', path: '/', access: 'none', by: 'node'},
  health: {method: 'GET', path: '/healthz', access: 'none', by: 'node'},
  /** Numbers of this node as text of Prometheus; of the master also those of the cluster. */
  metrics: {method: 'GET', path: '/metrics', access: 'read', by: 'node'},
  cluster: {method: 'GET', path: '/api/v1/cluster', access: 'read', by: 'master'},
  nodes: {method: 'GET', path: '/api/v1/nodes', access: 'read', by: 'master'},
  drainNode: {method: 'POST', path: '/api/v1/nodes/:node/drain', access: 'admin', by: 'master'},
  undrainNode: {method: 'POST', path: '/api/v1/nodes/:node/undrain', access: 'admin', by: 'master'},
  removeNode: {method: 'POST', path: '/api/v1/nodes/:node/remove', access: 'admin', by: 'master'},
  settings: {method: 'GET', path: '/api/v1/settings', access: 'read', by: 'master'},
  setSetting: {method: 'PUT', path: '/api/v1/settings/:setting', access: 'admin', by: 'master'},
  stop: {method: 'POST', path: '/api/v1/stop', access: 'admin', by: 'node'},
  /** What the node must not lose, as one stream; it holds secrets. */
  backup: {method: 'POST', path: '/api/v1/backup', access: 'admin', by: 'node'},
  listTokens: {method: 'GET', path: '/api/v1/tokens', access: 'admin', by: 'master'},
  createToken: {method: 'POST', path: '/api/v1/tokens', access: 'admin', by: 'master'},
  revokeToken: {method: 'DELETE', path: '/api/v1/tokens/:token', access: 'admin', by: 'master'},
  /** Who changed what. */
  audit: {method: 'GET', path: '/api/v1/audit', access: 'admin', by: 'master'},

  listTags: {method: 'GET', path: '/api/v1/tags', access: 'read', by: 'master'},
  readTag: {method: 'GET', path: '/api/v1/tags/:tag', access: 'read', by: 'master'},
  readEntries: {method: 'GET', path: '/api/v1/tags/:tag/entries', access: 'read', by: 'master'},
  readContents: {method: 'POST', path: '/api/v1/tag-contents', access: 'read', by: 'master'},
  readLog: {method: 'GET', path: '/api/v1/tags/:tag/log', access: 'read', by: 'master'},
  changeTag: {method: 'POST', path: '/api/v1/tags/:tag', access: 'write', by: 'master'},

  placeBlob: {method: 'POST', path: '/api/v1/blobs/place', access: 'write', by: 'master'},
  keepBlobs: {method: 'POST', path: '/api/v1/blobs/keep', access: 'write', by: 'master'},
  locateBlobs: {method: 'POST', path: '/api/v1/blobs/locate', access: 'read', by: 'master'},
  /** URLs that open one blob at one node without a token, for a while: for engines that read blobs where they lie. */
  signBlobs: {method: 'POST', path: '/api/v1/blobs/sign', access: 'read', by: 'master'},
  readBlob: {method: 'GET', path: '/blobs/:blob', access: 'read', by: 'node'},
  headBlob: {method: 'HEAD', path: '/blobs/:blob', access: 'read', by: 'node'},
  upload: {method: 'PUT', path: '/uploads/:ticket', access: 'ticket', by: 'node'},

  /** A pack with code in it needs `run-code`, and a cluster that allows code. */
  submitJob: {method: 'POST', path: '/api/v1/jobs', access: 'run-rules', by: 'master'},
  listJobs: {method: 'GET', path: '/api/v1/jobs', access: 'read', by: 'master'},
  readJob: {method: 'GET', path: '/api/v1/jobs/:job', access: 'read', by: 'master'},
  listTasks: {method: 'GET', path: '/api/v1/jobs/:job/tasks', access: 'read', by: 'master'},
  jobEvents: {method: 'GET', path: '/api/v1/jobs/:job/events', access: 'read', by: 'master'},
  jobResults: {method: 'GET', path: '/api/v1/jobs/:job/results', access: 'read', by: 'master'},
  jobPack: {method: 'GET', path: '/api/v1/jobs/:job/pack', access: 'read', by: 'master'},
  /** `pause`, `resume`, `cancel`, `purge`, `priority`. */
  changeJob: {method: 'POST', path: '/api/v1/jobs/:job/:action', access: 'write', by: 'master'},
  /** A file that a task made, with ranges; slashes of its path are percent-encoded. */
  readJobFile: {method: 'GET', path: '/api/v1/jobs/:job/files/:path', access: 'read', by: 'node'},

  readOob: {method: 'GET', path: '/api/v1/jobs/:job/oob/:key', access: 'read', by: 'node'},
  listOob: {method: 'GET', path: '/api/v1/jobs/:job/oob', access: 'read', by: 'node'},
  /** Which partial aggregates of rules a node keeps. */
  findPartials: {method: 'POST', path: '/api/v1/partials', access: 'read', by: 'node'},
  /** For those who have no token, processes of tasks and other engines: a ticket for one blob, or for one file of a job. */
  headFetch: {method: 'HEAD', path: '/fetch/blobs/:blob/:ticket', access: 'ticket', by: 'node'},
  fetchBlob: {method: 'GET', path: '/fetch/blobs/:blob/:ticket', access: 'ticket', by: 'node'},
  fetchJobFile: {method: 'GET', path: '/fetch/jobs/:job/:path/:ticket', access: 'ticket', by: 'node'},

  /** Rules of daemons that share the master's home folder. */
  rules: {method: 'GET', path: '/api/v1/rules', access: 'read', by: 'master'},

  maintenance: {method: 'GET', path: '/api/v1/maintenance', access: 'read', by: 'master'},
  collect: {method: 'POST', path: '/api/v1/maintenance/gc', access: 'admin', by: 'master'},
  balance: {method: 'POST', path: '/api/v1/maintenance/balance', access: 'admin', by: 'master'},
  scrub: {method: 'POST', path: '/api/v1/maintenance/scrub', access: 'admin', by: 'master'},
  check: {method: 'POST', path: '/api/v1/maintenance/fsck', access: 'read', by: 'master'},
} as const satisfies Record<string, Endpoint>

export type EndpointName = keyof typeof endpoints

/** Body of every answer with a status of 400 or more. */
export interface ApiError {
  readonly error: {
    /** ErrorCode or ClusterErrorCode. */
    readonly code: string
    readonly message: string
    readonly hint?: string
    readonly retryable: boolean
  }
}
