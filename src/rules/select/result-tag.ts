/** The name under which rows are kept (spec 11.3, D39). */
import {dayAt, dayOfTag, dayText} from './days.ts'

export interface ResultTagQuestion {
  /** From the command line or the rule. */
  readonly resultTag: string
  readonly suffix: boolean | string
  /** The tags that were read. */
  readonly matched: readonly string[]
  /** `RULE@STAMP`, as part of a tag. */
  readonly job: string
  readonly nowMs: number
  readonly zone: string
}

/** `TAG:SUFFIX`: today, the newest day among the tags that were read, or the job. */
export function resultTagName({resultTag, suffix, matched, job, nowMs, zone}: ResultTagQuestion): string {
  return `${resultTag.replace(/:$/, '')}:${suffixOf()}`

  function suffixOf(): string {
    if (typeof suffix === 'string') return dayText(dayAt(nowMs, zone))
    const days = suffix ? matched.flatMap(tag => dayOfTag(tag) ?? []) : []
    return days.length === 0 ? tagPart(job) : dayText(days.reduce((newest, day) => Math.max(newest, day)))
  }
}

/** Any name as part of a tag's name: what tags may not have in theirs becomes `_`. */
export function tagPart(name: string): string {
  return name.replace(/[^A-Za-z0-9_\-@]/g, '_')
}
