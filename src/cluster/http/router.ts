/** Finds the endpoint that a request means. Pure: paths in, names out. */
import {type Endpoint, type EndpointName, endpoints} from '../../protocol/index.ts'

export interface Route {
  readonly name: EndpointName
  readonly endpoint: Endpoint
  /** Percent-decoded once. */
  readonly parameters: Readonly<Record<string, string>>
}

export type Routed = Route | {readonly status: 400 | 404 | 405; readonly message: string}

interface Pattern {
  readonly name: EndpointName
  readonly endpoint: Endpoint
  readonly segments: readonly string[]
}

const patterns: readonly Pattern[] = Object.entries(endpoints).map(([name, endpoint]) => ({
  name: name as EndpointName,
  endpoint,
  segments: endpoint.path.split('/'),
}))

/** @param path - without query, as it came: not decoded, so that an encoded slash stays inside its segment */
export function route(method: string, path: string): Routed {
  const segments = path.split('/')
  const fitting = patterns.filter(pattern => fits(pattern.segments, segments))
  if (fitting.length === 0) return {status: 404, message: `there is nothing at ${method} ${path.slice(0, 200)}`}
  const found = fitting.find(pattern => pattern.endpoint.method === method)
  if (found === undefined) {
    const methods = fitting.map(pattern => pattern.endpoint.method).join(', ')
    return {status: 405, message: `${path.slice(0, 200)} takes ${methods}, not ${method}`}
  }
  const parameters: Record<string, string> = {}
  for (const [index, part] of found.segments.entries()) {
    if (!part.startsWith(':')) continue
    const text = decode(segments[index] ?? '')
    if (text === undefined) return {status: 400, message: 'the path is not percent-encoded correctly'}
    parameters[part.slice(1)] = text
  }
  return {name: found.name, endpoint: found.endpoint, parameters}
}

function fits(pattern: readonly string[], segments: readonly string[]): boolean {
  if (pattern.length !== segments.length) return false
  return pattern.every((part, index) => (part.startsWith(':') ? segments[index] !== '' : part === segments[index]))
}

function decode(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment)
  } catch {
    // Half a sequence, or bytes that are not UTF-8.
    return undefined
  }
}
