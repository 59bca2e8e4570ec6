/** Request logs with 60 fields, about 1,300 bytes a line, of which a query needs three: service, status, duration_ms. */
import {seededBits, skewed} from '../../scripts/ad-logs.mjs'
import {jsonBytes, writeLines} from './line-file.mjs'

const startMs = 1_772_668_800_000
const serviceCount = 200
const statuses = [200, 200, 200, 200, 200, 204, 301, 304, 400, 401, 403, 404, 404, 429, 500, 503]
const words = 'north ember cobalt river maple quartz harbor signal copper meadow falcon anchor'.split(' ')

/** Names of the 60 fields in the order of the file; the three that are used stand at 7, 32 and 53. */
const fields = [
  ...['time', 'level', 'host', 'pod', 'region', 'zone', 'service', 'version', 'trace_id', 'span_id'],
  ...['parent_id', 'sampled', 'method', 'path', 'query', 'protocol', 'scheme', 'port', 'client_ip', 'client_port'],
  ...['user_agent', 'referer', 'accept', 'language', 'encoding', 'tenant', 'account_id', 'user_id', 'session', 'plan'],
  ...['auth', 'status', 'reason', 'bytes_in', 'bytes_out', 'cached', 'cache_key', 'upstream', 'upstream_ms', 'retries'],
  ...['queue_ms', 'db_ms', 'db_calls', 'cache_ms', 'cpu_ms', 'gc_ms', 'heap_mb', 'threads', 'load', 'rate_limit'],
  ...['rate_left', 'feature', 'duration_ms', 'experiment', 'variant', 'error', 'stack', 'build', 'commit', 'note'],
]

/** Makes each field's JSON text; fields without an entry hold a short word. */
const makers = {
  time: (_, index) => String(startMs + index),
  service: ({random, tables}) => tables.services[tables.serviceChoice[random() >>> 16]],
  status: ({random}) => String(statuses[random() & 15]),
  duration_ms: ({random}) => ((random() % 2_000_000) / 1000).toFixed(random() % 4),
  trace_id: ({random}) => `"${hex(random)}${hex(random)}${hex(random)}${hex(random)}"`,
  span_id: ({random}) => `"${hex(random)}${hex(random)}"`,
  parent_id: ({random}) => (random() & 3 ? `"${hex(random)}${hex(random)}"` : 'null'),
  sampled: ({random}) => (random() & 1 ? 'true' : 'false'),
  cached: ({random}) => (random() & 1 ? 'true' : 'false'),
  path: ({random, tables}) => tables.paths[random() % tables.paths.length],
  user_agent: ({random, tables}) => tables.agents[random() % tables.agents.length],
  client_ip: ({random}) => `"10.${random() & 3}.${random() & 255}.${random() & 255}"`,
  session: ({random}) => `"${hex(random)}${hex(random)}${hex(random)}"`,
  cache_key: ({random}) => `"v2:${hex(random)}"`,
  error: ({random}) => (random() & 31 ? 'null' : '"timeout while reading \\"upstream\\" header"'),
  stack: ({random}) => (random() & 31 ? '""' : '"at read (net.js:10)\\n\\tat call (rpc.js:77)"'),
  load: ({random}) => `[${(random() % 800) / 100},${(random() % 800) / 100},${(random() % 800) / 100}]`,
  commit: ({random}) => `"${hex(random)}"`,
}
const integers =
  'port client_port account_id user_id bytes_in bytes_out retries db_calls heap_mb threads rate_limit rate_left'
const decimals = 'upstream_ms queue_ms db_ms cache_ms cpu_ms gc_ms'
for (const name of integers.split(' ')) makers[name] = ({random}) => String(random() % 100_000)
for (const name of decimals.split(' ')) makers[name] = ({random}) => ((random() % 100_000) / 100).toFixed(2)

/** Writes about `bytes` of records. The same seed gives the same file. */
export function writeWide(path, bytes, seed) {
  const random = seededBits(seed)
  // All files of a set must know the same services: the tables do not depend on the seed.
  const context = {random, tables: buildTables(seededBits(1))}
  const columns = fields.map(name => ({start: `,"${name}":`, make: makers[name] ?? shortWord}))
  let index = 0
  writeLines(path, bytes, () => {
    let line = ''
    for (const {start, make} of columns) line += start + make(context, index)
    index++
    return `{${line.slice(1)}}`
  })
}

function shortWord({random, tables}) {
  return tables.words[random() % tables.words.length]
}

function buildTables(random) {
  const word = () => words[random() % words.length]
  const agents = [
    'Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/148.0',
    'curl/8.18.0',
    'okhttp/5.3',
    'Go-http/2',
  ]
  return {
    services: Array.from({length: serviceCount}, (_, index) => jsonBytes(`${word()}-${word()}-${index}`)),
    serviceChoice: skewed(serviceCount),
    words: Array.from({length: 256}, () => jsonBytes(random() & 1 ? word() : `${word()}-${word()}`)),
    paths: Array.from({length: 512}, () => jsonBytes(`/api/v${random() % 3}/${word()}/${random() % 10_000}/${word()}`)),
    agents: agents.map(jsonBytes),
  }
}

function hex(random) {
  return random().toString(16).padStart(8, '0')
}
