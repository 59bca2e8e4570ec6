/** What people ask: submit, pause, resume, cancel, purge, set priority. */
import {homesOf, makeOutputSet, type Output, outputProblem, pipelineProblems} from '../pipeline/index.ts'
import type {JobAnswer, JobName, JobRequest, JobSpec} from './events.ts'
import {advance} from './expand.ts'
import {dropOldJobs, endJob, finishIfDone, forgetTasks} from './job-end.ts'
import {type Effects, persistJobState, tell} from './journal.ts'
import {jobNameLengthMax} from './limits.ts'
import type {JobRow} from './rows.ts'
import {isActive, type Job, makeStages, type Node, noProgress, noRuns, type SchedulerState, type Task} from './state.ts'

/** What a person or a program asks of a job. Answered in the same step, after what it changed. */
export function answerRequest(state: SchedulerState, effects: Effects, request: JobRequest): JobAnswer {
  if (request.type === 'submit') return submit(state, effects, request.spec)
  const job = state.jobs.get(request.job)
  if (job === undefined || job.state === 'purged') {
    return refuse('JOB_NOT_FOUND', `there is no job "${request.job}"`)
  }
  switch (request.type) {
    case 'pause':
      return pause(state, effects, job)
    case 'resume':
      return resume(state, effects, job)
    case 'cancel':
      return cancel(state, effects, job)
    case 'purge':
      return purge(state, effects, job)
    default:
      return setPriority(state, effects, job, request)
  }
}

const refuse = (code: Extract<JobAnswer, {type: 'refused'}>['code'], message: string): JobAnswer => ({
  type: 'refused',
  code,
  message,
})

const accept = (job: Job): JobAnswer => ({type: 'accepted', job: job.name, state: job.state})

function submit(state: SchedulerState, effects: Effects, spec: JobSpec): JobAnswer {
  const {settings} = state
  const known = state.jobs.get(spec.name)
  // The same request again, after its answer was lost.
  if (known !== undefined && known.state !== 'purged' && JSON.stringify(known.spec) === JSON.stringify(spec))
    return accept(known)
  const problems = problemsOf(spec)
  if (known !== undefined) problems.push(`there is a job named "${spec.name}" already`)
  if (problems.length > 0) return {type: 'refused', code: 'BAD_JOB', message: problems[0]!, problems}
  if (state.activeJobs >= settings.jobsMax) {
    return refuse('OVERLOADED', `${state.activeJobs} jobs wait or run already; the limit is ${settings.jobsMax}`)
  }
  if (state.activeTasks + spec.inputs.length > settings.tasksMax) {
    const message = `the jobs that wait or run have ${state.activeTasks} inputs and tasks; with ${spec.inputs.length} more they are over the limit of ${settings.tasksMax}`
    return refuse('OVERLOADED', message)
  }
  const row: JobRow = {job: spec.name, number: state.nextJob, submittedMs: state.nowMs, spec}
  const job = addJob(state, row)
  effects.push({type: 'persist-job', row})
  persistJobState(job, effects)
  tell(state, effects, job, 'job', `Created job ${job.name}`)
  admit(state, effects)
  return accept(job)
}

const inputProblemsMax = 10

function problemsOf(spec: JobSpec): string[] {
  const problems = pipelineProblems(spec.pipeline)
  if (spec.name === '' || spec.name.length > jobNameLengthMax) {
    problems.push(`a job's name has 1 to ${jobNameLengthMax} characters`)
  }
  if (spec.weight !== undefined && !(spec.weight > 0 && Number.isFinite(spec.weight))) {
    problems.push(`the weight of a job is above 0, not ${spec.weight}`)
  }
  const counts = ['slotsMax', 'failuresPerTaskMax', 'failuresPerJobMax', 'taskTimeMaxMs'] as const
  for (const name of counts) {
    const value = spec[name]
    const min = name.startsWith('failures') ? 0 : 1
    if (value !== undefined && !(Number.isSafeInteger(value) && value >= min)) {
      problems.push(`${name} is a whole number from ${min}, not ${value}`)
    }
  }
  if (spec.priority !== undefined && !Number.isSafeInteger(spec.priority)) {
    problems.push(`the priority of a job is a whole number, not ${spec.priority}`)
  }
  const before = problems.length
  for (const [number, input] of spec.inputs.entries()) {
    const problem = outputProblem(input, `input ${number}`)
    if (problem !== undefined) problems.push(problem)
    if (problems.length - before >= inputProblemsMax) break
  }
  return problems
}

/** Books a job that was submitted, now or before a restart. */
export function addJob(state: SchedulerState, row: JobRow): Job {
  const {spec} = row
  const inputList: Task[] = []
  const job: Job = {
    name: spec.name,
    number: row.number,
    spec,
    inputCount: spec.inputs.length,
    submittedMs: row.submittedMs,
    state: 'queued',
    isAdmitted: false,
    priority: spec.priority ?? 0,
    weight: spec.weight ?? 1,
    slotsMax: spec.slotsMax ?? Infinity,
    // Set below: it refers to the job itself.
    input: undefined as unknown as Task,
    inputList,
    stages: [],
    tasks: [],
    nextTask: 0,
    taskCount: 0,
    restored: undefined,
    running: 0,
    failures: 0,
    texts: new Map(),
    failure: undefined,
    results: undefined,
    saving: undefined,
    saves: 0,
    startedMs: undefined,
    endedMs: undefined,
    events: [],
    eventCount: 0,
    stealMs: 0,
    starvedMs: Infinity,
  }
  job.stages = makeStages(job, spec.pipeline)
  const input = makeInput(job, spec.inputs)
  Object.assign(job, {input})
  inputList.push(input)
  state.jobs.set(job.name, job)
  state.queued.add(job)
  state.nextJob = Math.max(state.nextJob, job.number + 1)
  state.activeJobs++
  state.activeTasks += spec.inputs.length
  return job
}

/** The stage before the first, as a task that is done. */
function makeInput(job: Job, inputs: readonly Output[]): Task {
  const set = makeOutputSet(inputs, homesOf(inputs, ''), job.spec.pipeline[0]?.grouping)
  return {
    job,
    // It is in no stage: what asks for one looks at the number first.
    stage: undefined as unknown as Task['stage'],
    number: -1,
    key: '',
    group: {label: 0, node: ''},
    state: 'done',
    producers: [],
    missing: 0,
    runs: noRuns,
    queuedMs: 0,
    result: {
      run: 0,
      node: undefined as unknown as Node,
      set,
      progress: noProgress,
      durationMs: 0,
      isLost: false,
      isGone: false,
      readFailures: 0,
    },
    isFed: false,
    trouble: undefined,
    past: undefined,
  }
}

/** Starts jobs that wait, as many as may run at once. */
export function admit(state: SchedulerState, effects: Effects): void {
  while (state.admittedJobs < state.settings.jobsRunningMax) {
    let next: Job | undefined
    for (const job of state.queued) {
      if (
        next === undefined ||
        job.priority > next.priority ||
        (job.priority === next.priority && job.number < next.number)
      )
        next = job
    }
    if (next === undefined) return
    state.queued.delete(next)
    next.state = 'running'
    next.isAdmitted = true
    next.startedMs = state.nowMs
    state.admittedJobs++
    persistJobState(next, effects)
    begin(state, effects, next)
  }
}

/** Opens its first stages. */
export function begin(state: SchedulerState, effects: Effects, job: Job): void {
  advance(state, effects, job)
  if (job.stages.length === 0) finishIfDone(state, effects, job)
}

function pause(state: SchedulerState, effects: Effects, job: Job): JobAnswer {
  if (job.state === 'paused') return accept(job)
  if (!isActive(job))
    return refuse('WRONG_STATE', `job ${job.name} is ${job.state}; only one that is not over can be paused`)
  job.state = 'paused'
  state.hungry.delete(job)
  state.queued.delete(job)
  persistJobState(job, effects)
  tell(state, effects, job, 'job', 'Job paused: tasks that run go on, no others are started')
  return accept(job)
}

function resume(state: SchedulerState, effects: Effects, job: Job): JobAnswer {
  if (job.state === 'queued' || job.state === 'running') return accept(job)
  if (job.state !== 'paused')
    return refuse('WRONG_STATE', `job ${job.name} is ${job.state}; only a paused one can be resumed`)
  job.state = job.isAdmitted ? 'running' : 'queued'
  if (job.isAdmitted) state.hungry.add(job)
  else state.queued.add(job)
  persistJobState(job, effects)
  tell(state, effects, job, 'job', 'Job resumed')
  admit(state, effects)
  return accept(job)
}

function cancel(state: SchedulerState, effects: Effects, job: Job): JobAnswer {
  if (job.state === 'cancelled') return accept(job)
  if (!isActive(job)) return refuse('WRONG_STATE', `job ${job.name} is ${job.state} already`)
  tell(state, effects, job, 'job', 'WARN: Job killed')
  endJob(state, effects, job, 'cancelled')
  return accept(job)
}

function purge(state: SchedulerState, effects: Effects, job: Job): JobAnswer {
  if (isActive(job)) cancel(state, effects, job)
  forgetTasks(state, job)
  job.state = 'purged'
  job.results = undefined
  job.events = []
  job.stages = []
  effects.push({type: 'forget-job', job: job.name})
  persistJobState(job, effects)
  effects.push({type: 'end-job', job: job.name, isPurged: true, keepsStages: false})
  dropOldJobs(state)
  return accept(job)
}

function setPriority(
  state: SchedulerState,
  effects: Effects,
  job: Job,
  change: {readonly job: JobName; readonly priority?: number; readonly weight?: number; readonly slotsMax?: number},
): JobAnswer {
  if (!isActive(job)) return refuse('WRONG_STATE', `job ${job.name} is ${job.state} already`)
  const {priority = job.priority, weight = job.weight, slotsMax = job.slotsMax} = change
  const isRight = Number.isSafeInteger(priority) && weight > 0 && Number.isFinite(weight) && slotsMax >= 1
  if (!isRight) {
    return refuse('BAD_JOB', 'a priority is a whole number, a weight is above 0, and slotsMax is 1 or more')
  }
  Object.assign(job, {priority, weight, slotsMax})
  if (job.state === 'running') state.hungry.add(job)
  persistJobState(job, effects)
  tell(state, effects, job, 'job', `Priority ${priority}, weight ${weight}`)
  return accept(job)
}
