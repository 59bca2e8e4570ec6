import {UserError} from '../../base/index.ts'
import type {JobError} from '../../protocol/index.ts'

/** What went wrong, at which record, in which stage and on which node. */
export function jobFailed(job: string, error: JobError | undefined): UserError {
  const {message = 'nobody said why', stage, task, node, sample} = error ?? {}
  const where = [
    ...(stage === undefined ? [] : [`stage ${stage}`]),
    ...(task === undefined ? [] : [`task ${task}`]),
    ...(node === undefined ? [] : [`node ${node}`]),
  ]
  const place = where.length === 0 ? '' : ` in ${where.join(', ')}`
  const record = sample === undefined ? '' : `\n  at record ${sample}`
  return new UserError('JOB_FAILED', `job ${job} failed${place}: ${message}${record}`, {
    hint: `see what happened with: disco events ${job}`,
  })
}
