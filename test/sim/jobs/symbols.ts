/** What tasks do to symbolic records, and what a job must give: worked out by one loop, without any scheduler. */
import {createHash} from 'node:crypto'
import type {Grouping, Stage} from '../../../src/pipeline/index.ts'

export interface SimStage extends Stage {
  /** Outputs have labels below it. */
  readonly labelCount: number
}

/** Records by label, labels growing. */
export type Outputs = readonly {readonly label: number; readonly records: readonly string[]}[]

const hash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 10)

const looksAtNodes = (grouping: Grouping): boolean => grouping === 'group-node' || grouping === 'group-node-label'

/** From a stage that groups by node on, groups depend on where tasks ran: only what does not depend on groups is compared. */
export const isLoose = (stages: readonly SimStage[], index: number): boolean =>
  stages.slice(0, index + 1).some(stage => looksAtNodes(stage.grouping))

/** A task of a stage: each record is changed and labelled; where order counts, one more record sums all up in their order. */
export function work(stages: readonly SimStage[], index: number, records: readonly string[]): Outputs {
  const {labelCount} = stages[index]!
  const byLabel = new Map<number, string[]>()
  const put = (record: string): void => {
    const label = Number.parseInt(hash(record), 16) % labelCount
    byLabel.set(label, [...(byLabel.get(label) ?? []), record])
  }
  const isSorted = isLoose(stages, index)
  for (const record of isSorted ? [...records].sort() : records) put(hash(`${index}${record}`))
  if (!isSorted) put(hash(`sum${index}${records.join()}`))
  return [...byLabel].sort(([left], [right]) => left - right).map(([label, kept]) => ({label, records: kept}))
}

/** Results of the last stage in order, each output's records; sorted as one where order means nothing. */
export function expectedResults(stages: readonly SimStage[], inputs: Outputs): readonly (readonly string[])[] {
  // One list of outputs for each task of the stage before; the job's inputs are one list.
  let lists: Outputs[] = [inputs]
  stages.forEach(({grouping}, index) => {
    const groups = groupsOf(grouping, lists, index === 0)
    lists = groups.map(records => [...work(stages, index, records)])
  })
  return tidy(
    stages,
    lists.flat().map(output => output.records),
  )
}

export const tidy = (
  stages: readonly SimStage[],
  results: readonly (readonly string[])[],
): readonly (readonly string[])[] => (isLoose(stages, stages.length - 1) ? [results.flat().sort()] : results)

function groupsOf(grouping: Grouping, lists: readonly Outputs[], isFirst: boolean): string[][] {
  const outputs = lists.flat()
  if (grouping === 'split') return outputs.map(output => [...output.records])
  if (grouping === 'group-label') {
    const labels = [...new Set(outputs.map(output => output.label))].sort((left, right) => left - right)
    return labels.map(label => outputs.filter(output => output.label === label).flatMap(output => output.records))
  }
  if (outputs.length === 0) return grouping === 'group-all' && (isFirst || lists.length > 0) ? [[]] : []
  return [outputs.flatMap(output => output.records)]
}
