/** Requests by endpoint and status, since the start of the process. */
import type {Served} from '../http/index.ts'
import type {Family} from './prometheus.ts'

/** Of one process; nothing is kept over a restart, as counters of Prometheus may do. */
export class RequestCounts {
  readonly #counts = new Map<string, {readonly endpoint: string; readonly code: string; count: number}>()

  /** What no endpoint takes counts under `none`: callers cannot make labels. */
  note({route, status}: Served): void {
    const endpoint = route?.name ?? 'none'
    const key = `${endpoint} ${status}`
    const known = this.#counts.get(key)
    if (known === undefined) this.#counts.set(key, {endpoint, code: String(status), count: 1})
    else known.count++
  }

  family(): Family {
    return {
      name: 'disco_http_requests_total',
      type: 'counter',
      help: 'Requests that were answered or refused, by endpoint and HTTP status.',
      samples: [...this.#counts.values()].map(({endpoint, code, count}) => ({labels: {endpoint, code}, value: count})),
    }
  }
}
