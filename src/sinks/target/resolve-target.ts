/** From a sink's address as it was written to one that can be connected to, with its secrets filled in and known. */
import {readFileSync, statSync} from 'node:fs'
import {resolve} from 'node:path'
import {didYouMean, errorCodeOf, messageOf, nearest, UserError} from '../../base/index.ts'
import {type SinkScheme, shownSink, sinkExpected, sinkModes, sinkProblem, splitSink} from '../../rules/index.ts'
import type {SinkMode} from '../row-sink.ts'
import type {SinkSpec} from './sink-spec.ts'

/** Bytes of a file that holds an address: anything longer is some other file. */
const addressFileBytesMax = 8 * 1024

export interface SinkTarget {
  readonly scheme: Exclude<SinkScheme, 'env' | 'file'>
  /** What stands behind the colon, variables filled in. */
  readonly rest: string
  /** The whole, variables filled in: never to be shown. */
  readonly address: string
  readonly mode: SinkMode
  readonly tablePrefix: string
  /** For people, without secrets. */
  readonly name: string
  /** As `RowSink.place`. */
  readonly place: string
  /** Texts that must not appear in any message. */
  readonly secrets: readonly string[]
}

export type Environment = Readonly<Record<string, string | undefined>>

/**
 * Resolves `env:NAME`, `file:PATH` and `$NAME` inside an address; judges address and mode.
 *
 * In an address with a host, what a variable holds is percent-encoded: a password may have any characters.
 *
 * @param what - whose address it is, for messages
 * @throws UserError BAD_SINK
 */
export function resolveTarget(spec: SinkSpec, environment: Environment, what = 'the sink'): SinkTarget {
  const options = typeof spec === 'string' ? {to: spec} : spec
  const mode = checkedMode(options.mode ?? 'append')
  const outer = checkedAddress(options.to)
  const address = fetched(outer, environment, what)
  const {scheme, rest} = splitSink(address)!
  if (scheme === 'env' || scheme === 'file')
    throw badAddress(shownSink(outer), 'What it holds must be the address itself')
  if (
    rest.startsWith('//') &&
    scheme !== 'sqlite' &&
    scheme !== 'csv' &&
    scheme !== 'ndjson' &&
    !URL.canParse(address)
  ) {
    throw badAddress(
      shownSink(address),
      'Percent-encode what is special in user and password: @ as %40, / as %2F, # as %23',
    )
  }
  return {
    scheme,
    rest,
    address,
    mode,
    tablePrefix: options.tablePrefix ?? '',
    name: shownSink(address),
    place: placeOf(address, options.tablePrefix ?? ''),
    secrets: secretsOf(address),
  }
}

/** Equal for two ways to write one place: a path from here or from the root, both names of a protocol. */
function placeOf(address: string, tablePrefix: string): string {
  const {scheme, rest} = splitSink(address)!
  const whole = rest.startsWith('//') && scheme !== 'sqlite' && scheme !== 'csv' && scheme !== 'ndjson'
  const place = whole
    ? shownSink(address)
        .replace(/^postgresql:/, 'postgres:')
        .replace(/^mariadb:/, 'mysql:')
    : `${scheme}:${resolve(rest)}`
  return tablePrefix === '' ? place : `${place}, tables ${tablePrefix}…`
}

/** A text with all secrets replaced. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets.reduce((shown, secret) => shown.replaceAll(secret, '…'), text)
}

function checkedMode(mode: string): SinkMode {
  const known = sinkModes.find(name => name === mode)
  if (known !== undefined) return known
  throw new UserError('BAD_SINK', `there is no mode "${mode}" for rows.${didYouMean(mode, sinkModes)}`, {
    hint: `the modes are: ${sinkModes.join(', ')}`,
    exitCode: 2,
  })
}

function checkedAddress(text: string): string {
  const problem = sinkProblem(text)
  if (problem === undefined) return text
  throw badAddress(splitSink(text) === undefined ? text.replace(/\/\/.*@/, '//…@') : shownSink(text), problem)
}

function badAddress(shown: string, problem: string): UserError {
  return new UserError('BAD_SINK', `rows cannot go to ${JSON.stringify(shown)}: expected ${sinkExpected}`, {
    hint: problem,
    exitCode: 2,
  })
}

function fetched(text: string, environment: Environment, what: string): string {
  const {scheme, rest} = splitSink(text)!
  if (scheme === 'env') return checkedAddress(variable(rest, environment, what).trim())
  if (scheme === 'file') return checkedAddress(secretFile(rest, what))
  const encodes = rest.startsWith('//')
  return text.replace(/\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))/g, (_, braced?: string, plain?: string) => {
    const value = variable((braced ?? plain)!, environment, what)
    return encodes ? encodeURIComponent(value) : value
  })
}

function variable(name: string, environment: Environment, what: string): string {
  const value = environment[name]
  if (value !== undefined && value !== '') return value
  const suggestion = nearest(name, Object.keys(environment))
  throw new UserError('BAD_SINK', `the environment variable ${name}, which the address of ${what} names, is not set`, {
    hint: suggestion === undefined ? `set it, for example: export ${name}=…` : `did you mean ${suggestion}?`,
  })
}

function secretFile(path: string, what: string): string {
  try {
    const stat = statSync(path)
    if ((stat.mode & 0o077) !== 0) {
      throw new UserError('BAD_SINK', `others may read ${path}, which holds the address of ${what}`, {
        hint: `keep it to yourself with: chmod 600 ${path}`,
      })
    }
    if (stat.size > addressFileBytesMax) throw badAddress(`file:${path}`, 'The file must hold nothing but the address')
    return checkedAddress(readFileSync(path, 'utf8').trim())
  } catch (error) {
    if (error instanceof UserError) throw error
    const reason = errorCodeOf(error) === 'ENOENT' ? 'there is no such file' : messageOf(error)
    throw new UserError('BAD_SINK', `cannot read the address of ${what} from ${path}: ${reason}`, {cause: error})
  }
}

/** Password and query values, raw and encoded; the path of a webhook. Single characters would redact everything. */
function secretsOf(address: string): string[] {
  if (!URL.canParse(address) || !address.includes('://')) return []
  const url = new URL(address)
  const isWebhook = url.protocol === 'https:' || url.protocol === 'http:'
  const texts = [
    url.password,
    ...url.searchParams.values(),
    ...(isWebhook ? [url.username, url.pathname, url.search] : []),
  ]
  return [...new Set([address, ...texts, ...texts.map(decoded)])].filter(text => text.length > 2).sort(longestFirst)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch (error) {
    if (error instanceof URIError) return text
    throw error
  }
}

function longestFirst(a: string, b: string): number {
  return b.length - a.length || (a < b ? -1 : 1)
}
