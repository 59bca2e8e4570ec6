/** `disco logs`: what tasks logged and printed, out of the job's events. */
import {printable} from '../../base/index.ts'
import type {EventQuery, JobClient} from '../../client/index.ts'
import {eventTitle} from '../../protocol/index.ts'
import {timeText} from '../ddfs/text.ts'

export interface TaskLine {
  readonly number: number
  readonly atMs: number
  readonly stage: string
  readonly task: number
  readonly node: string
  readonly text: string
}

/** In the order in which they came to the master. */
export async function* taskLines(jobs: JobClient, job: string, query: EventQuery): AsyncGenerator<TaskLine> {
  for await (const {number, atMs, source, text} of jobs.events(job, {...query, kind: 'message'})) {
    const title = eventTitle(text)
    if (title !== undefined) yield {number, atMs, stage: title.stage, task: title.task, node: source, text: title.text}
  }
}

/** `2026-11-23 14:05:09  map:0  n1  text` */
export const taskLineText = ({atMs, stage, task, node, text}: TaskLine): string =>
  `${[timeText(atMs), printable(`${stage}:${task}`), printable(node), printable(text)].join('  ')}\n`
