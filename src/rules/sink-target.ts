/** Addresses of sinks as rules, flags and settings write them: what is wrong with one, and how to show it. Nothing is opened here. */
import {nearest} from '../base/index.ts'

/** The schemes that need `//` and a host; the others name a path or a variable. */
const withHost = ['postgres', 'postgresql', 'mysql', 'mariadb', 'clickhouse', 'clickhouses', 'https', 'http'] as const

/** What may stand before the colon of a sink's address. */
const sinkSchemes = ['sqlite', ...withHost, 'csv', 'ndjson', 'env', 'file'] as const
export type SinkScheme = (typeof sinkSchemes)[number]

const needsHost = (scheme: SinkScheme): boolean => withHost.some(name => name === scheme)

export const sinkModes = ['append', 'add', 'replace'] as const

export const sinkExpected =
  'where rows go (text): sqlite:PATH, postgres://…, mysql://…, clickhouse://…, https://…, csv:FOLDER, ndjson:FOLDER, env:NAME or file:PATH'

/** The scheme and the rest of an address; undefined when it is none. */
export function splitSink(text: string): {readonly scheme: SinkScheme; readonly rest: string} | undefined {
  const match = /^([a-z]+):(.+)$/s.exec(text)
  const scheme = sinkSchemes.find(name => name === match?.[1])
  return scheme === undefined ? undefined : {scheme, rest: match![2]!}
}

/**
 * What is wrong with a sink's address as text.
 *
 * @returns a sentence for a hint, with a suggestion where one is near; undefined when the address may be tried
 */
export function sinkProblem(text: string): string | undefined {
  const split = splitSink(text)
  if (split === undefined) {
    const word = /^([A-Za-z0-9+]*)(?=:)/.exec(text)?.[1]
    if (word === undefined)
      return `Say what it is: sqlite:${text === '' ? 'PATH' : text} or csv:${text === '' ? 'FOLDER' : text}`
    if (sinkSchemes.some(name => name === word)) return `A path or an address follows ${word}:`
    const suggestion = nearest(word, sinkSchemes)
    return suggestion === undefined ? `There is no sink ${word}:` : `Did you mean "${suggestion}:"?`
  }
  const {scheme, rest} = split
  if (/[\u0000-\u001f\u007f]/.test(text)) return 'It has control characters'
  if (needsHost(scheme) && !/^\/\/[^/]/.test(rest)) return `Write ${scheme}://HOST/…`
  if (scheme === 'env' && !/^[A-Za-z_]\w*$/.test(rest)) return 'The name of an environment variable follows env:'
  return undefined
}

/**
 * An address without its secrets, for people: no user, no password, no query; of a webhook only the host, since the path of
 * one often is the secret.
 */
export function shownSink(text: string): string {
  const split = splitSink(text)
  if (split === undefined) return '(no sink)'
  const {scheme, rest} = split
  if (!needsHost(scheme)) return text
  // In what is no address a password can stand anywhere before the last @.
  const shown = URL.canParse(text) ? rest : `//${rest.slice(rest.lastIndexOf('@') + 1).replace(/^\/\//, '')}`
  const authority = /^\/\/([^/?#]*)/.exec(shown)?.[1] ?? ''
  const host = authority.slice(authority.lastIndexOf('@') + 1)
  const path = /^\/\/[^/?#]*([^?#]*)/.exec(shown)?.[1] ?? ''
  const isWebhook = scheme === 'https' || scheme === 'http'
  return `${scheme}://${host}${isWebhook ? (path.length > 1 ? '/…' : '') : path}`
}

/** Why rows of an aggregate cannot be added to those of other batches; undefined when they can. */
export function whyNotAdded(aggregate: string): string | undefined {
  if (['count', 'sum', 'min', 'max'].includes(aggregate)) return undefined
  return notAdded[aggregate] ?? 'it cannot be made from the results of two batches'
}

const notAdded: Readonly<Record<string, string>> = {
  avg: 'a mean of means is not the mean; keep sum and count and divide when you read',
  stddev: 'a deviation cannot be made from two deviations',
  distinct: 'a value of both batches would count twice',
  quantile: 'a quantile cannot be made from two quantiles',
  topK: 'a value that is below the first places of each batch can be among the first of both',
  histogram: 'lists are not added in a database',
  collect: 'lists are not added in a database',
  first: 'the rows do not keep when it was',
  last: 'the rows do not keep when it was',
}
