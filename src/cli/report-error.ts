/** What a person sees when a command ends early, and the exit status. The only place that decides either. */
import {ClusterError, nearest, printableLines, UserError} from '../base/index.ts'
import {asTyped} from './called-name.ts'
import {type ManifestCommand, typed} from './manifest.ts'

/** Exit status of a bug of ours (`EX_SOFTWARE`). */
const exitCodeBug = 70
const exitCodeBadFlags = 2

export interface Report {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

export interface ReportContext {
  /** The command that ran; undefined when none was found. */
  readonly command: ManifestCommand | undefined
  /** Name or path that the program was called by. */
  readonly called: string
  /** True when `--json` was asked for. */
  readonly isJson: boolean
}

/** The parts of oclif's errors that we look at. */
interface OclifError extends Error {
  readonly oclif: {readonly exit?: number | false}
  readonly code?: string
  /** Set when the command line does not fit the command. */
  readonly parse?: unknown
  readonly flags?: readonly string[]
}

/**
 * A UserError or ClusterError is a message and a hint, with its own exit status; anything else is a bug: its stack, and 70.
 * With `--json` the error goes to standard output as an object.
 */
export function reportOf(error: unknown, context: ReportContext): Report {
  if (isOclifError(error)) {
    const exitCode = typeof error.oclif.exit === 'number' ? error.oclif.exit : 1
    if (error.code === 'EEXIT') return {exitCode, stdout: '', stderr: ''}
    return userReport(fromOclif(error, context), context.isJson)
  }
  const isTold = error instanceof UserError || error instanceof ClusterError
  return isTold ? userReport(error, context.isJson) : bugReport(error, context.isJson)
}

const isOclifError = (error: unknown): error is OclifError =>
  error instanceof Error && typeof (error as Partial<OclifError>).oclif === 'object'

function userReport(error: UserError | ClusterError, isJson: boolean): Report {
  const message = withoutOclifTail(error.message)
  if (isJson) return {exitCode: error.exitCode, stdout: json(error.code, message, error.hint), stderr: ''}
  // Who pressed Ctrl-C knows that it is not an error.
  const head = error.code === 'INTERRUPTED' ? message : `Error: ${message}`
  const hint = error.hint === undefined || error.hint.trim() === '' ? '' : `Hint: ${error.hint.trim()}\n`
  // Names of files and answers of strangers are in it.
  return {exitCode: error.exitCode, stdout: '', stderr: printableLines(`${head}\n${hint}`)}
}

function bugReport(error: unknown, isJson: boolean): Report {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
  const stderr = `${stack}${causesOf(error)}\nThis is a bug in disco-inferno, please report it with the lines above.\n`
  const message = error instanceof Error ? error.message : String(error)
  return {exitCode: exitCodeBug, stdout: isJson ? json('BUG', message, undefined) : '', stderr}
}

/** Stacks of the causes, outermost first. */
function causesOf(error: unknown): string {
  let text = ''
  let cause = error instanceof Error ? error.cause : undefined
  for (let depth = 0; cause !== undefined && depth < causesMax; depth++) {
    text += `\ncaused by: ${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}`
    cause = cause instanceof Error ? cause.cause : undefined
  }
  return text
}

/** Guards against errors that cause each other. */
const causesMax = 5

const json = (code: string, message: string, hint: string | undefined): string =>
  `${JSON.stringify({error: {code, message, ...(hint === undefined ? {} : {hint})}}, null, 2)}\n`

function fromOclif(error: OclifError, {command, called}: ReportContext): UserError {
  const exitCode = typeof error.oclif.exit === 'number' ? error.oclif.exit : exitCodeBadFlags
  const help = command === undefined ? '' : asTyped(`disco-inferno ${typed(command.id)} --help`, called)
  const usage = command === undefined ? '' : `see how it is used with: ${help}`
  const unknown = error.flags?.[0]
  if (unknown === undefined) {
    const [, flag, value, known] = /Expected (--\S+?)=(\S+) to be one of: (.+)/.exec(error.message) ?? []
    const meant = flag === undefined ? undefined : nearValue(flag, value!, known!.split(', '))
    const hint = meant === undefined ? usage : `did you mean ${flag} ${meant}? Otherwise ${usage}`
    return new UserError('BAD_FLAG', sentenceOf(error.message, command), {exitCode, hint})
  }
  const near = nearFlag(unknown, flagWords(command))
  const hint = near === undefined ? usage : `did you mean ${near}? Otherwise ${usage}`
  return new UserError('BAD_FLAG', `there is no flag ${unknown}`, {exitCode, hint})
}

/** oclif's messages in our form: one sentence, without advice about flags that take no more than one value here. */
function sentenceOf(message: string, command: ManifestCommand | undefined): string {
  const text = withoutOclifTail(message).replace(/\n\nNote: [\s\S]*$/, '')
  const missing = /^Missing \d+ required args?:\n([\s\S]*)$/.exec(text)?.[1]
  if (missing !== undefined) {
    const names = missing.split('\n').map(line => (line.trim().split(/\s+/)[0] ?? '').toUpperCase())
    return `${names.join(' and ')} ${names.length === 1 ? 'is' : 'are'} missing`
  }
  const needed = /All of the following must be provided when using (--\S+): (.*)$/m.exec(text)
  if (needed !== null) return `${needed[1]} is of use only with ${needed[2]}`
  const stray = /^Unexpected argument: (.+)$/s.exec(text)?.[1]
  if (stray !== undefined && command?.flags?.['input'] !== undefined) {
    return `${stray} is one word too many; an input is named with --input ${stray}`
  }
  const clash = /(--\S+)=\S+ cannot also be provided when using (--\S+)/.exec(text)
  if (clash !== null) return `${clash[1]} and ${clash[2]} exclude each other`
  return text.replace(/^Parsing (--?\S+) *\n\s*Expected/, '$1: expected')
}

/** A flag that has the word in it (`--day` of `--day-start`), else one that is spelt much like it: short words are soon like any other. */
function nearFlag(unknown: string, words: readonly string[]): string | undefined {
  const elsewhere = otherNames[unknown]
  if (elsewhere !== undefined && words.includes(elsewhere)) return elsewhere
  const part = words.find(word => `${word}-`.includes(`-${unknown.replace(/^-+/, '')}-`))
  if (part !== undefined) return part
  const longer = unknown.length >= beginningCharsMin ? words.find(word => word.startsWith(unknown)) : undefined
  if (longer !== undefined) return longer
  const near = nearest(unknown, words)
  const isNear = near !== undefined && (unknown.length > shortFlagChars || near.startsWith(unknown.slice(0, 4)))
  return isNear ? near : undefined
}

function nearValue(flag: string, value: string, known: readonly string[]): string | undefined {
  const elsewhere = otherValues[flag]?.[value.toLowerCase()]
  return elsewhere !== undefined && known.includes(elsewhere) ? elsewhere : nearest(value, known)
}

/** What else people call the ways in which rows and logs are written, by flag. */
const otherValues: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '--format': {jsonl: 'ndjson', jsonlines: 'ndjson', 'json-lines': 'ndjson', text: 'table', pretty: 'table'},
  '--from': {
    apache: 'combined-log',
    combined: 'combined-log',
    common: 'common-log',
    'json-lines': 'json',
    jsonl: 'json',
    jsonlines: 'json',
    ndjson: 'json',
    nginx: 'combined-log',
    tab: 'tsv',
  },
}

/** What tools of the same kind call our flags. */
const otherNames: Readonly<Record<string, string>> = {
  '--by': '--key',
  '--filter': '--where',
  '--follow': '--watch',
  '--group': '--key',
  '--group-by': '--key',
  '--head': '--top',
  '--limit': '--top',
  '--order-by': '--top',
  '--output': '--out',
  '--percentage': '--percent',
  '--ratio': '--percent',
  '--separator': '--delimiter',
  '--share': '--percent',
  '--sort': '--top',
  '--sum': '--value',
  '--unnest': '--explode',
  '--unwrap': '--parse-json',
}

/** Characters, dashes included, that tell which flag somebody began to write. */
const beginningCharsMin = 5

/** Characters of a flag, dashes included, up to which two wrong ones make another word. */
const shortFlagChars = 6

const flagWords = (command: ManifestCommand | undefined): string[] =>
  Object.keys(command?.flags ?? {}).map(name => `--${name}`)

/** oclif appends a line of advice to messages about flags; ours is the hint. */
const withoutOclifTail = (message: string): string => message.replace(/\n+See more help with --help$/, '')
