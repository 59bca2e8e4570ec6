/** Says what is wrong with a pipeline, or with outputs, before anything is done with them. */
import {didYouMean} from '../base/index.ts'
import {stageCountMax, stageNameLengthMax} from './limits.ts'
import type {Grouping, Output, Place} from './types.ts'

export const groupings: readonly Grouping[] = ['split', 'group-label', 'group-node', 'group-node-label', 'group-all']

/** The stage that stands for the job's inputs; no stage may have its name. */
const inputStageName = 'input'

const stageNamePattern = new RegExp(`^[A-Za-z0-9_][A-Za-z0-9_.-]{0,${stageNameLengthMax - 1}}$`)

/** `group_label`, as Disco writes it, or `group-label`. */
export function parseGrouping(text: string): Grouping | undefined {
  const name = text.replaceAll('_', '-')
  return groupings.find(grouping => grouping === name)
}

/**
 * All that is wrong with a pipeline, in words for the person who wrote it; empty when it can be run.
 *
 * An empty pipeline is right: the results of such a job are its inputs.
 *
 * @param pipeline - shapes are checked at the edge; values are checked here
 */
export function pipelineProblems(
  pipeline: readonly {readonly name: string; readonly grouping: string; readonly isConcurrent: boolean}[],
): string[] {
  const problems: string[] = []
  if (pipeline.length > stageCountMax) {
    problems.push(`a job has at most ${stageCountMax} stages, this one has ${pipeline.length}`)
  }
  const seen = new Map<string, number>()
  pipeline.forEach(({name, grouping}, index) => {
    const what = `stage ${index + 1}`
    const earlier = seen.get(name)
    if (name === inputStageName)
      problems.push(`${what} cannot be named "${name}": that is the name of the job's inputs`)
    else if (!stageNamePattern.test(name)) {
      const allowed = `1 to ${stageNameLengthMax} of A-Z a-z 0-9 _ . -, beginning with a letter, digit or _`
      problems.push(`${what} cannot be named ${JSON.stringify(name.slice(0, 80))}: names have ${allowed}`)
    } else if (earlier !== undefined) problems.push(`stages ${earlier} and ${index + 1} are both named "${name}"`)
    if (!seen.has(name)) seen.set(name, index + 1)
    if (!groupings.some(known => known === grouping)) {
      const known = `known are ${groupings.join(', ')}.${didYouMean(grouping, groupings)}`
      problems.push(
        `${what} ("${name.slice(0, 80)}") has the unknown grouping ${JSON.stringify(grouping.slice(0, 80))}: ${known}`,
      )
    }
  })
  return problems
}

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0

/** What is wrong with an output or an input, or undefined. `what` names it in the text. */
export function outputProblem(output: Output, what: string): string | undefined {
  if (!isCount(output.label)) return `${what} has the label ${output.label}: labels are whole numbers from 0`
  if (!isCount(output.bytes)) return `${what} has ${output.bytes} bytes: sizes are whole numbers from 0`
  if (!isCount(output.records)) return `${what} has ${output.records} records: counts are whole numbers from 0`
  return placeProblem(output.place, what)
}

function placeProblem(place: Place, what: string): string | undefined {
  if (place.type === 'urls' && place.urls.length === 0) return `${what} has no address`
  if (place.type === 'file' && (place.node === '' || place.path === '')) return `${what} has no file`
  return undefined
}
