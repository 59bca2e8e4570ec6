/** What the flags of run-flags.ts mean once they are parsed. Apart from them, because a run that is parsed by plain-flags.ts needs no oclif. */
import {availableParallelism} from 'node:os'
import {parseBytes, printable, UserError} from '../base/index.ts'
import type {Top} from '../project/index.ts'
import {type ExpressionNode, parseExpression} from '../rules/index.ts'
import type {MaxBad} from '../worker/index.ts'

/** Below this a single table has no room to work in. */
const memoryBytesMin = 16 * 1024 * 1024

/** Rows of a keyset: they are kept in memory, and nobody looks at more. */
const topCountMax = 100_000

const memoryDefault = '512MiB'

/**
 * @param flag - `--memory`: 512MiB when it is not given
 * @throws UserError BAD_FLAG for what is no size, or less than 16 MiB
 */
export function memoryBytesOf(flag: string | undefined): number {
  const text = flag ?? memoryDefault
  const bytes = parseBytes(text)
  if (bytes === undefined)
    throw badFlag(`--memory ${text} is not a size`, 'write it like 512MiB, 2GB or a number of bytes')
  if (bytes < memoryBytesMin) throw badFlag(`--memory ${text} is too little`, 'give at least 16MiB')
  return bytes
}

/**
 * @param text - `--max-bad`, `100` or `0.5%`; not given: the rule decides
 * @throws UserError BAD_FLAG
 */
export function maxBadOf(text: string | undefined): MaxBad | undefined {
  if (text === undefined) return undefined
  const match = /^(\d+(?:\.\d+)?)(%?)$/.exec(text.trim())
  if (match?.[2] === '%') return {kind: 'share', percent: Number(match[1])}
  if (match && Number.isInteger(Number(match[1]))) return {kind: 'count', count: Number(match[1])}
  throw badFlag(`--max-bad ${text} is neither a number nor a share`, 'write it like 100 or 0.5%')
}

/** `20`, or `20:p95`. */
export function topOf(text: string | undefined): Top | undefined {
  if (text === undefined) return undefined
  const match = /^(\d+)(?::(.+))?$/s.exec(text.trim())
  const count = Number(match?.[1])
  if (match !== null && count >= 1 && count <= topCountMax) return {count, column: match[2]}
  throw badFlag(
    `--top ${printable(text)} is not a number of rows`,
    'write it like 20, or 20:p95 for another column than the first',
  )
}

/** A condition on columns. */
export function havingOf(text: string | undefined): ExpressionNode | undefined {
  if (text === undefined) return undefined
  try {
    return parseExpression(text)
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    throw badFlag(`--having: ${error.message}`, 'write it like --where, of columns: count > 100 and errors > 0')
  }
}

/** @param flag - `--threads`: as many as the machine runs at once when it is not given */
export function threadsOf(flag: number | undefined): number {
  return flag ?? availableParallelism()
}

function badFlag(message: string, hint: string): UserError {
  return new UserError('BAD_FLAG', message, {hint, exitCode: 2})
}
