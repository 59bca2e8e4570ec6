/** `disco stageresults`: what a stage of a job gave, as long as its files are there. */
import {didYouMean, groupDigits, printable, UserError} from '../../base/index.ts'
import {isJobOver, type JobClient} from '../../client/index.ts'
import type {JobInfo, JobResults, StageInfo} from '../../protocol/index.ts'

/**
 * @returns the outputs of all tasks of the stage, in their order
 * @throws UserError BAD_JOB when there is no such stage; WRONG_STATE when it is not complete, or its files are gone
 */
export async function stageResults(jobs: JobClient, job: string, name: string): Promise<JobResults> {
  const info = await jobs.read(job)
  const {stages, state, keepsStages = false} = info
  const stage = stages.find(one => one.name === name) ?? throwUnknown(info, name)
  const isLast = stage === stages.at(-1)
  if (stage.state !== 'done') throw notComplete(job, info, stage)
  if (isJobOver(state) && !keepsStages && !(isLast && state === 'done')) {
    throw new UserError('WRONG_STATE', `job ${job} is over, and of stage ${name} no files are left`, {
      hint: isLast
        ? `why it ended: disco events ${job}`
        : `those of the last stage stay: disco results ${job}. What lies between is kept while a job runs or is paused`,
    })
  }
  // Of the last stage the results are the same, and stay when its tasks are forgotten.
  return await jobs.results(job, isLast && state === 'done' ? {} : {stage: name})
}

function throwUnknown({job, stages}: JobInfo, name: string): never {
  const names = stages.map(stage => stage.name)
  throw new UserError('BAD_JOB', `job ${job} has no stage "${printable(name)}".${didYouMean(name, names)}`, {
    hint: `it has ${names.join(', ')}`,
  })
}

function notComplete(job: string, {state}: JobInfo, {name, doneCount, taskCount}: StageInfo): UserError {
  const how =
    taskCount === 0 ? 'has not begun' : `has ${groupDigits(doneCount)} of ${groupDigits(taskCount)} tasks done`
  return new UserError('WRONG_STATE', `stage ${name} of job ${job} ${how}; the job is ${state}`, {
    hint: `watch it with: disco monitor ${job}`,
  })
}
