/** What a run is given: the outputs of its group, in an order that does not depend on time. */
import {selectOutputs} from '../pipeline/index.ts'
import type {RunInput} from './events.ts'
import type {Effects} from './journal.ts'
import {inputsPerOrderMax} from './limits.ts'
import {keyOfProducer} from './queue.ts'
import {byKeys, hasAllInputs, isAvailable, type Run, type Task} from './state.ts'

/** What a task gets from one producer, by number. */
function inputsFrom(task: Task, producer: Task): RunInput[] {
  const {set, run} = producer.result!
  const {key, number: from} = producer
  return selectOutputs(task.stage.grouping, task.group, keyOfProducer(producer), set).map(number => ({
    task: from,
    number,
    key,
    run,
    output: set.outputs[number]!,
  }))
}

/** All that a task can get now, ordered by the producer's key and the output's number. */
export function inputsOf(task: Task): RunInput[] {
  const producers = task.producers.filter(isAvailable).sort(byKeys)
  return producers.length === 1 ? inputsFrom(task, producers[0]!) : producers.flatMap(one => inputsFrom(task, one))
}

const headerOf = (run: Run) => ({node: run.node.name, job: run.task.job.name, task: run.task.number, run: run.id})

/** The order to begin a run, with its first page of inputs; the others follow it. */
export function orderStart(run: Run, effects: Effects): void {
  const {task} = run
  const {stage, job} = task
  const inputs = inputsOf(task)
  const isAll = hasAllInputs(task)
  const isOnePage = inputs.length <= inputsPerOrderMax
  effects.push({
    type: 'start-run',
    ...headerOf(run),
    stage: stage.name,
    stageIndex: stage.index,
    grouping: stage.grouping,
    group: {label: task.group.label, node: task.group.node},
    inputs: isOnePage ? inputs : inputs.slice(0, inputsPerOrderMax),
    hasAllInputs: isAll && isOnePage,
    isLastStage: stage.index === job.stages.length - 1,
    isAhead: run.isAhead,
  })
  if (!isOnePage) pushPages(run, inputs.slice(inputsPerOrderMax), isAll, effects)
}

function pushPages(run: Run, inputs: readonly RunInput[], isEnd: boolean, effects: Effects): void {
  for (let at = 0; at < inputs.length || (at === 0 && isEnd); at += inputsPerOrderMax) {
    const page = inputs.slice(at, at + inputsPerOrderMax)
    const isLast = at + inputsPerOrderMax >= inputs.length
    effects.push({type: 'push-inputs', ...headerOf(run), inputs: page, isEnd: isEnd && isLast})
  }
}

/** A producer has been done, for the first time or again: its consumers that run get its outputs. */
export function pushFrom(task: Task, producer: Task, effects: Effects): void {
  if (task.runs.length === 0) return
  const inputs = inputsFrom(task, producer)
  for (const run of task.runs) if (isHeard(run)) pushPages(run, inputs, false, effects)
}

/**
 * Has it got all that it was sent? On a node that connects again it may not have: it gets everything when it is reported, and
 * nothing before, least of all the word that nothing is missing.
 */
const isHeard = ({node, isReported}: Run): boolean => node.state === 'up' || (node.state === 'joining' && isReported)

/** No more inputs can come. */
export function pushEnd(task: Task, effects: Effects): void {
  for (const run of task.runs) if (isHeard(run)) pushPages(run, [], true, effects)
}

/** Everything again, to a run that says that it lacks some. */
export function pushAgain(run: Run, effects: Effects): void {
  pushPages(run, inputsOf(run.task), hasAllInputs(run.task), effects)
}
