/** What people on the master's own machine may look at without a token, where the cluster's settings allow it. */
import type {IncomingHttpHeaders} from 'node:http'
import type {EndpointName} from '../../protocol/index.ts'

/** What the status page shows: states and counts. No data, no results, no settings, nothing that changes anything. */
const statusEndpoints: ReadonlySet<EndpointName> = new Set([
  'cluster',
  'nodes',
  'maintenance',
  'rules',
  'listJobs',
  'readJob',
  'listTasks',
  'jobEvents',
])

/** A proxy on this machine speaks for people elsewhere. */
const proxyHeaders = ['forwarded', 'via', 'x-forwarded-for', 'x-real-ip', 'x-disco-passed-on', 'x-disco-for'] as const

/** What browsers call requests that a page of another site did not make. */
const ownSites: readonly unknown[] = [undefined, 'same-origin', 'none']

/** @param address - of the other end of the connection */
export function isOpenStatus(
  name: EndpointName,
  address: string | undefined,
  headers: Readonly<IncomingHttpHeaders>,
): boolean {
  return (
    statusEndpoints.has(name) &&
    isOwnMachine(address ?? '') &&
    ownSites.includes(headers['sec-fetch-site']) &&
    proxyHeaders.every(header => headers[header] === undefined)
  )
}

const isOwnMachine = (address: string): boolean => /^(::1|(::ffff:)?127\.\d+\.\d+\.\d+)$/.test(address)
