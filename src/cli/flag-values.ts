/** What the flags of run-flags.ts mean once they are parsed. Apart from them, because a run that is parsed by plain-flags.ts needs no oclif. */
import {availableParallelism} from 'node:os'
import {parseBytes, UserError} from '../base/index.ts'
import type {MaxBad} from '../worker/index.ts'

/** Below this a single table has no room to work in. */
const memoryBytesMin = 16 * 1024 * 1024

const memoryDefault = '512MiB'

export function memoryBytesOf(flag: string | undefined): number {
  const text = flag ?? memoryDefault
  const bytes = parseBytes(text)
  if (bytes === undefined)
    throw badFlag(`--memory ${text} is not a size`, 'write it like 512MiB, 2GB or a number of bytes')
  if (bytes < memoryBytesMin) throw badFlag(`--memory ${text} is too little`, 'give at least 16MiB')
  return bytes
}

export function maxBadOf(text: string | undefined): MaxBad | undefined {
  if (text === undefined) return undefined
  const match = /^(\d+(?:\.\d+)?)(%?)$/.exec(text.trim())
  if (match?.[2] === '%') return {kind: 'share', percent: Number(match[1])}
  if (match && Number.isInteger(Number(match[1]))) return {kind: 'count', count: Number(match[1])}
  throw badFlag(`--max-bad ${text} is neither a number nor a share`, 'write it like 100 or 0.5%')
}

export function threadsOf(flag: number | undefined): number {
  return flag ?? availableParallelism()
}

function badFlag(message: string, hint: string): UserError {
  return new UserError('BAD_FLAG', message, {hint, exitCode: 2})
}
