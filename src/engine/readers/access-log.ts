/**
 * Access logs in the common and combined formats of Apache and nginx:
 *
 *     host ident user [time] "method path protocol" status bytes ["referer" "agent"]
 *
 * - `-` is null. `status` and `bytes` are numbers, everything else is text; `time` is what stands between the brackets.
 * - In quotes, `\"`, `\\`, `\n`, `\t`, `\r` and `\xHH` are undone; `\xHH` in a row are UTF-8 bytes, and stay as they are when not.
 * - A request line that is not `METHOD path HTTP/…` is kept whole in `request`, with method, path and protocol null;
 *   otherwise `request` is null.
 * - What follows the last field of the format is kept as text in `extra`, else null: servers like to add fields.
 */
import type {Parts} from '../../rules/index.ts'
import type {RecordSink} from '../contracts.ts'
import {badText} from './bytes.ts'
import {isBlank} from './text-lines.ts'

type Request = readonly [method: string | null, path: string | null, protocol: string | null, request: string | null]

/** The user may hold blanks: it ends where the time begins. No nested repetition, so matching is linear in the line. */
const start = /^(\S+) (\S+) ([^[]*) \[([^\]]*)\] "/
const numbers = /^ (\d{1,15}|-) (\d{1,15}|-)(?= |$)/
const requestLine = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+) (\S|\S.*\S) (HTTP\/[\d.]+)$/
const noRequest: Request = [null, null, null, null]

/** Gives the sink one record, or one bad or blank line. @param text - the line without its end */
export function readAccessLog(text: string, line: number, isCombined: boolean, sink: RecordSink): void {
  if (isBlank(text)) {
    sink.skipped('blank', line)
    return
  }
  const found = parseAccessLog(text, isCombined)
  if (typeof found === 'string') sink.bad('not an access log line', line, badText(text), found)
  else sink.record(found, line)
}

/** @returns the record, or what is wrong with the line */
function parseAccessLog(text: string, isCombined: boolean): Parts | string {
  const head = start.exec(text)
  if (head === null) return 'does not begin with: host ident user [time] "'
  const requestEnd = closingQuote(text, head[0].length)
  if (requestEnd < 0) return 'the quote of the request is not closed'
  const [method, path, protocol, request] = parseRequest(unescaped(text.slice(head[0].length, requestEnd)))
  const counts = numbers.exec(text.slice(requestEnd + 1))
  if (counts === null) return 'no status and bytes after the request'
  let at = requestEnd + 1 + counts[0].length
  const shared = {
    host: orNull(head[1]!),
    ident: orNull(head[2]!),
    user: orNull(head[3]!),
    time: orNull(head[4]!),
    method,
    path,
    protocol,
    request,
    status: numberOrNull(counts[1]!),
    bytes: numberOrNull(counts[2]!),
  }
  if (!isCombined) return {...shared, extra: extraFrom(text, at)}
  const refererEnd = quotedEnd(text, at)
  if (refererEnd < 0) return 'no "referer" after the bytes'
  const referer = textOrNull(text.slice(at + 2, refererEnd))
  at = refererEnd + 1
  const agentEnd = quotedEnd(text, at)
  if (agentEnd < 0) return 'no "agent" after the referer'
  const agent = textOrNull(text.slice(at + 2, agentEnd))
  return {...shared, referer, agent, extra: extraFrom(text, agentEnd + 1)}
}

function parseRequest(text: string): Request {
  if (text === '-') return noRequest
  const found = requestLine.exec(text)
  return found === null ? [null, null, null, text] : [found[1]!, found[2]!, found[3]!, null]
}

/** The closing quote of a blank and a quoted field at `at`; -1 when there is none. */
function quotedEnd(text: string, at: number): number {
  return text.startsWith(' "', at) ? closingQuote(text, at + 2) : -1
}

function closingQuote(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const char = text[at]
    if (char === '"') return at
    if (char === '\\') at++
  }
  return -1
}

function extraFrom(text: string, at: number): string | null {
  const extra = text.slice(at).trim()
  return extra === '' ? null : extra
}

function orNull(text: string): string | null {
  return text === '-' ? null : text
}

function textOrNull(text: string): string | null {
  return text === '-' ? null : unescaped(text)
}

function numberOrNull(text: string): number | null {
  return text === '-' ? null : Number(text)
}

function unescaped(text: string): string {
  if (!text.includes('\\')) return text
  return text.replace(/(?:\\x[0-9a-fA-F]{2})+|\\[nrt"\\]/g, sequence => {
    if (sequence[1] !== 'x') return escapes[sequence[1]!]!
    const bytes = Buffer.from(sequence.replaceAll('\\x', ''), 'hex')
    const decoded = bytes.toString('utf8')
    return decoded.includes('\ufffd') ? sequence : decoded
  })
}

const escapes: Readonly<Record<string, string>> = {n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\'}
