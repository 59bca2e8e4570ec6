/** Asks the node that the page came from. Only GET: the page changes nothing. */
import {messageOf, UserError} from '../../base/index.ts'
import {type EndpointName, endpoints, type RuleFolders} from '../../protocol/index.ts'
import {clusterSource} from '../../ui/monitor/cluster-source.ts'
import {eventCountMax} from '../../ui/monitor/limits.ts'
import type {JobEventInfo, MonitorSource} from '../../ui/monitor/source.ts'

/** The node answers, but not to this reader. */
export class RefusedError extends Error {}

/** The master does not know the question: it is of an older version. */
class UnknownError extends Error {}

interface Call {
  readonly parameters?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string | number | undefined>>
  readonly signal?: AbortSignal | undefined
}

/** @param token - as it is at each call */
export function openApi(token: () => string | undefined): {
  readonly source: MonitorSource
  readonly rules: (signal: AbortSignal) => Promise<RuleFolders>
} {
  const get = <Answer>(name: EndpointName, call: Call = {}): Promise<Answer> => ask(name, call, token())
  const cluster = {
    cluster: (options = {}) => get('cluster', options),
    nodes: (options = {}) => get('nodes', options),
    maintenance: (options = {}) => get('maintenance', options),
  } as Parameters<typeof clusterSource>[0]
  const jobs = {
    list: (query = {}, options = {}) => get('listJobs', {...options, query}),
    read: (job: string, options = {}) => get('readJob', {...options, parameters: {job}}),
    // The page shows what nodes do, but no list of tasks: of the job in full none are asked for.
    tasks: async (job: string, query: {state?: string} = {}, options = {}) =>
      query.state === undefined ? {tasks: []} : await get('listTasks', {...options, query, parameters: {job}}),
    async *events(job: string, {after = -1, signal}: {after?: number; signal?: AbortSignal} = {}) {
      const query = {after, count: eventCountMax}
      const {events} = await get<{readonly events: readonly JobEventInfo[]}>('jobEvents', {
        parameters: {job},
        query,
        signal,
      })
      yield* events
    },
    change: () => {
      throw new UserError('FORBIDDEN', 'this page only looks')
    },
  } as Parameters<typeof clusterSource>[1]
  return {source: clusterSource(cluster, jobs), rules: signal => rulesOf(get('rules', {signal}))}
}

async function rulesOf(answer: Promise<RuleFolders>): Promise<RuleFolders> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof UnknownError) return {folders: [], nowMs: 0}
    throw error
  }
}

async function ask<Answer>(
  name: EndpointName,
  {parameters = {}, query = {}, signal}: Call,
  token?: string,
): Promise<Answer> {
  const path = endpoints[name].path.replace(/:(\w+)/g, (_, part: string) => encodeURIComponent(parameters[part] ?? ''))
  const wanted = Object.entries(query).flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)]]))
  const search = wanted.length === 0 ? '' : `?${new URLSearchParams(wanted)}`
  const response = await fetch(path + search, {
    headers: token === undefined ? {} : {authorization: `Bearer ${token}`},
    cache: 'no-store',
    credentials: 'omit',
    redirect: 'error',
    ...(signal === undefined ? {} : {signal}),
  })
  if (response.ok) return (await response.json()) as Answer
  const {code, text} = await problemOf(response)
  if (response.status === 401 || response.status === 403 || response.status === 429) throw new RefusedError(text)
  if (code === 'JOB_NOT_FOUND') throw new UserError('JOB_NOT_FOUND', text)
  if (response.status === 404) throw new UnknownError(text)
  throw new Error(text)
}

async function problemOf(response: Response): Promise<{readonly code: string; readonly text: string}> {
  try {
    const {error} = (await response.json()) as {readonly error?: {readonly code?: unknown; readonly message?: unknown}}
    return {code: String(error?.code ?? ''), text: String(error?.message ?? `status ${response.status}`)}
  } catch (error) {
    return {code: '', text: `status ${response.status}: ${messageOf(error)}`}
  }
}
