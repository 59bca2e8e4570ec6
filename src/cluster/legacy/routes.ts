/** Paths of Disco's interface, what each needs, and who answers. One table: the server routes by it, a test walks it. */
import type {Access} from '../../protocol/index.ts'

export type RouteName =
  | 'version'
  | 'submit'
  | 'killJob'
  | 'cleanJob'
  | 'purgeJob'
  | 'getResults'
  | 'stageResults'
  | 'jobList'
  | 'jobInfo'
  | 'parameters'
  | 'rawEvents'
  | 'jobEvents'
  | 'nodeInfo'
  | 'loadTable'
  | 'saveTable'
  | 'getBlacklist'
  | 'blacklist'
  | 'whitelist'
  | 'getGcBlacklist'
  | 'gcBlacklist'
  | 'gcWhitelist'
  | 'getSettings'
  | 'saveSettings'
  | 'jobFile'
  | 'newBlob'
  | 'listTags'
  | 'readTag'
  | 'appendTag'
  | 'putTag'
  | 'removeTag'
  | 'hostedTags'
  | 'gcStats'
  | 'gcStatus'
  | 'gcStart'
  | 'safeGcBlacklist'
  | 'readBlob'
  | 'putBlob'

export interface LegacyRoute {
  readonly name: RouteName
  readonly methods: readonly ('GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE')[]
  /** The whole path, or its beginning when it ends with a slash: the rest is the handler's. */
  readonly path: string
  readonly access: Access
}

const ctrl = (name: RouteName, method: 'GET' | 'POST', path: string, access: Access): LegacyRoute => ({
  name,
  methods: method === 'GET' ? ['GET', 'HEAD'] : [method],
  path: `/disco/ctrl/${path}`,
  access,
})

const ddfsCtrl = (name: RouteName, method: 'GET' | 'POST', path: string, access: Access): LegacyRoute => ({
  ...ctrl(name, method, path, access),
  path: `/ddfs/ctrl/${path}`,
})

/** The first that fits counts. */
export const legacyRoutes: readonly LegacyRoute[] = [
  {name: 'version', methods: ['GET', 'HEAD'], path: '/disco/version', access: 'none'},
  {name: 'submit', methods: ['POST'], path: '/disco/job/', access: 'run-rules'},
  ctrl('killJob', 'POST', 'kill_job', 'write'),
  ctrl('cleanJob', 'POST', 'clean_job', 'write'),
  ctrl('purgeJob', 'POST', 'purge_job', 'write'),
  ctrl('getResults', 'POST', 'get_results', 'read'),
  ctrl('stageResults', 'GET', 'get_stageresults', 'read'),
  ctrl('jobList', 'GET', 'joblist', 'read'),
  ctrl('jobInfo', 'GET', 'jobinfo', 'read'),
  ctrl('parameters', 'GET', 'parameters', 'read'),
  ctrl('rawEvents', 'GET', 'rawevents', 'read'),
  ctrl('jobEvents', 'GET', 'jobevents', 'read'),
  ctrl('nodeInfo', 'GET', 'nodeinfo', 'read'),
  ctrl('loadTable', 'GET', 'load_config_table', 'read'),
  ctrl('saveTable', 'POST', 'save_config_table', 'admin'),
  ctrl('getBlacklist', 'GET', 'get_blacklist', 'read'),
  ctrl('blacklist', 'POST', 'blacklist', 'admin'),
  ctrl('whitelist', 'POST', 'whitelist', 'admin'),
  ctrl('getGcBlacklist', 'GET', 'get_gc_blacklist', 'read'),
  ctrl('gcBlacklist', 'POST', 'gc_blacklist', 'admin'),
  ctrl('gcWhitelist', 'POST', 'gc_whitelist', 'admin'),
  ctrl('getSettings', 'GET', 'get_settings', 'read'),
  ctrl('saveSettings', 'POST', 'save_settings', 'admin'),
  {name: 'jobFile', methods: ['GET', 'HEAD'], path: '/disco/', access: 'read'},
  {name: 'newBlob', methods: ['GET'], path: '/ddfs/new_blob/', access: 'write'},
  {name: 'listTags', methods: ['GET', 'HEAD'], path: '/ddfs/tags', access: 'read'},
  {name: 'listTags', methods: ['GET', 'HEAD'], path: '/ddfs/tags/', access: 'read'},
  {name: 'readTag', methods: ['GET', 'HEAD'], path: '/ddfs/tag/', access: 'read'},
  {name: 'appendTag', methods: ['POST'], path: '/ddfs/tag/', access: 'write'},
  {name: 'putTag', methods: ['PUT'], path: '/ddfs/tag/', access: 'write'},
  {name: 'removeTag', methods: ['DELETE'], path: '/ddfs/tag/', access: 'write'},
  ddfsCtrl('hostedTags', 'POST', 'hosted_tags', 'read'),
  ddfsCtrl('gcStats', 'GET', 'gc_stats', 'read'),
  ddfsCtrl('gcStatus', 'GET', 'gc_status', 'read'),
  ddfsCtrl('gcStart', 'GET', 'gc_start', 'admin'),
  ddfsCtrl('safeGcBlacklist', 'GET', 'safe_gc_blacklist', 'read'),
  {name: 'putBlob', methods: ['PUT'], path: '/ddfs/', access: 'write'},
  {name: 'readBlob', methods: ['GET', 'HEAD'], path: '/ddfs/', access: 'read'},
]

/**
 * Written down in the log of changes. Not: what asks with a body, and the bytes of blobs, as in the cluster's own interface.
 * `gc_start` is a GET that changes something.
 */
export const auditedRoutes: ReadonlySet<RouteName> = new Set<RouteName>([
  'submit',
  'killJob',
  'cleanJob',
  'purgeJob',
  'saveTable',
  'blacklist',
  'whitelist',
  'gcBlacklist',
  'gcWhitelist',
  'saveSettings',
  'appendTag',
  'putTag',
  'removeTag',
  'gcStart',
])

export interface LegacyRouted {
  readonly route: LegacyRoute
  /** Behind the route's path, without slashes at either end. */
  readonly rest: string
}

/** @param path - decoded, without `/proxy/…` */
export function findRoute(method: string, path: string): LegacyRouted | undefined {
  for (const route of legacyRoutes) {
    const isPrefix = route.path.endsWith('/')
    const fits = isPrefix ? path.startsWith(route.path) : path === route.path
    if (!fits || !(route.methods as readonly string[]).includes(method)) continue
    return {route, rest: path.slice(route.path.length).replace(/^\/+|\/+$/g, '')}
  }
  return undefined
}

export interface Unproxied {
  readonly path: string
  readonly node: string | undefined
}

/** Takes `/proxy/NODE/METHOD` off, as often as it is there. */
export function unproxied(path: string): Unproxied {
  let node: string | undefined
  let rest = path
  for (let match = proxyPattern.exec(rest); match !== null; match = proxyPattern.exec(rest)) {
    node ??= match[1]
    rest = match[2]!
  }
  return {path: rest, node}
}

const proxyPattern = /^\/proxy\/([^/]+)\/[^/]+(\/.*)$/
