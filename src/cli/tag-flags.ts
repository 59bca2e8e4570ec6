/** What the flags of a run over tags mean once parsed. */
import {UserError} from '../base/index.ts'
import type {InputOverrides} from '../project/index.ts'
import {parseTagName} from '../protocol/index.ts'
import {parseDay} from '../rules/index.ts'

/** The parsed flags `sourceFlags` of run-flags.ts. */
export interface SourceFlags {
  readonly 'source-tags'?: string | undefined
  readonly 'source-urls'?: string | undefined
  readonly 'day-start'?: string | undefined
  readonly 'day-offset'?: number | undefined
  readonly 'day-range'?: number | undefined
}

/** @throws UserError BAD_FLAG for a day that does not exist, BAD_NAME for what is no tag */
export function overridesOf(flags: SourceFlags): InputOverrides {
  const dayStart = flags['day-start']
  if (dayStart !== undefined && parseDay(dayStart) === undefined) {
    throw new UserError('BAD_FLAG', `--day-start "${dayStart}" is not a day`, {
      hint: 'write it as 2026-11-23',
      exitCode: 2,
    })
  }
  return {
    tags: flags['source-tags'] === undefined ? undefined : parts(flags['source-tags']).map(parseTagName),
    urls: flags['source-urls'] === undefined ? undefined : urlsIn(flags['source-urls']),
    dayStart,
    dayOffset: flags['day-offset'],
    dayRange: flags['day-range'],
  }
}

/** Nothing between two commas is nothing. */
const parts = (text: string): string[] =>
  text
    .split(',')
    .map(part => part.trim())
    .filter(part => part !== '')

/** A comma behind a backslash belongs to the address. */
function urlsIn(text: string): string[] {
  return text
    .split(/(?<!\\),/)
    .map(part => part.replaceAll('\\,', ',').trim())
    .filter(part => part !== '')
}

/** Whether a flag was given that only a run over tags knows. */
export function asksForTags(flags: SourceFlags & {readonly cluster?: boolean | undefined}): boolean {
  return flags['source-tags'] !== undefined || flags.cluster === true
}
