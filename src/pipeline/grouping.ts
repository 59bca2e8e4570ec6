/**
 * Outputs to groups: which tasks of the next stage an output belongs to, and which outputs belong to a task.
 *
 * Groups do not depend on the order in which outputs arrive, so outputs can be added one producing task at a time: each
 * part is either a new task or more input of one that is there. Semantics are Disco's; where it draws a host at random
 * the home of the output is taken.
 *
 * | grouping | one task per | group |
 * | --- | --- | --- |
 * | split | output; of the files that one task wrote: distinct label | (label, home) |
 * | group-label | distinct label | (label, '') |
 * | group-node | distinct home | (0, home) |
 * | group-node-label | distinct label and home | (label, home) |
 * | group-all | exactly one | (0, '') |
 */
import {unreachable} from '../base/index.ts'
import type {Homes} from './homes.ts'
import {compareKeys, keyOfNumber} from './keys.ts'
import type {Group, Grouping, Output} from './types.ts'

/** The outputs of one task, in the order it gave them, made ready for the grouping that follows. */
export interface OutputSet {
  readonly outputs: readonly Output[]
  readonly homes: Homes
  /** Output numbers in the order of the groups; undefined when they lie so already. */
  readonly order: Uint32Array | undefined
}

/** Whose outputs: the key of a task, or undefined for the inputs of the job. */
export type ProducerKey = string | undefined

/** A task of the next stage that gets something from one producing task. */
export interface Part {
  /** The same for the same group, whoever the producer is; unique in its stage. */
  readonly key: string
  readonly group: Group
}

/** @param grouping - of the stage that follows; undefined when there is none */
export function makeOutputSet(outputs: readonly Output[], homes: Homes, grouping: Grouping | undefined): OutputSet {
  const set: OutputSet = {outputs, homes, order: undefined}
  if (grouping === undefined || grouping === 'split' || grouping === 'group-all') return set
  let isSorted = true
  for (let number = 1; number < outputs.length && isSorted; number++) {
    isSorted = compareInGroup(grouping, set, number - 1, number) <= 0
  }
  if (isSorted) return set
  const order = Uint32Array.from(outputs, (_, number) => number)
  order.sort((left, right) => compareInGroup(grouping, set, left, right) || left - right)
  return {outputs, homes, order}
}

export const homeAt = (set: OutputSet, number: number): string =>
  typeof set.homes === 'string' ? set.homes : set.homes[number]!

function compareInGroup(grouping: Grouping, set: OutputSet, left: number, right: number): number {
  const byLabel = grouping === 'group-node' ? 0 : set.outputs[left]!.label - set.outputs[right]!.label
  if (byLabel !== 0 || grouping === 'group-label') return byLabel
  return compareKeys(homeAt(set, left), homeAt(set, right))
}

/**
 * The groups that outputs of one producer belong to, each once, in the order of first outputs.
 *
 * @param from - number of the first output looked at, so that a million inputs can be taken in slices
 * @param to - number after the last
 */
export function partsOf(grouping: Grouping, producer: ProducerKey, set: OutputSet, from = 0, to = Infinity): Part[] {
  const end = Math.min(to, set.outputs.length)
  if (grouping === 'split') return splitParts(producer, set, from, end)
  if (grouping === 'group-all') return from < end ? [{key: '', group: {label: 0, node: ''}}] : []
  const parts: Part[] = []
  const seen = new Set<string>()
  let lastLabel = -1
  for (let number = from; number < end; number++) {
    const {label} = set.outputs[number]!
    // The usual case, one label after the other, costs no key.
    if (grouping === 'group-label' && label === lastLabel) continue
    lastLabel = label
    const part = groupPart(grouping, label, homeAt(set, number))
    if (seen.has(part.key)) continue
    seen.add(part.key)
    parts.push(part)
  }
  return parts
}

function groupPart(grouping: Exclude<Grouping, 'split' | 'group-all'>, label: number, node: string): Part {
  switch (grouping) {
    case 'group-label':
      return {key: keyOfNumber(label), group: {label, node: ''}}
    case 'group-node':
      return {key: node, group: {label: 0, node}}
    case 'group-node-label':
      return {key: keyOfNumber(label) + node, group: {label, node}}
    default:
      return unreachable(grouping)
  }
}

function splitParts(producer: ProducerKey, set: OutputSet, from: number, end: number): Part[] {
  const parts: Part[] = []
  const fileLabels = new Set<number>()
  for (let number = from; number < end; number++) {
    const {label, place} = set.outputs[number]!
    if (producer !== undefined && place.type === 'file') {
      if (fileLabels.has(label)) continue
      fileLabels.add(label)
    }
    const key = producer === undefined ? keyOfNumber(number) : `${producer}/${keyOfNumber(number)}`
    parts.push({key, group: {label, node: homeAt(set, number), output: number}})
  }
  return parts
}

/** Numbers of the outputs of one producer that belong to a group, growing. */
export function selectOutputs(grouping: Grouping, group: Group, producer: ProducerKey, set: OutputSet): number[] {
  if (grouping === 'split') return selectSplit(group, producer, set)
  const {outputs, order} = set
  if (grouping === 'group-all') return outputs.map((_, number) => number)
  const selected: number[] = []
  for (let at = firstInGroup(grouping, group, set); at < outputs.length; at++) {
    const number = order === undefined ? at : order[at]!
    if (compareToGroup(grouping, group, set, number) !== 0) break
    selected.push(number)
  }
  return selected
}

function selectSplit(group: Group, producer: ProducerKey, set: OutputSet): number[] {
  const first = group.output!
  const output = set.outputs[first]
  if (output === undefined) return []
  if (producer === undefined || output.place.type !== 'file') return [first]
  const selected: number[] = []
  for (let number = first; number < set.outputs.length; number++) {
    const other = set.outputs[number]!
    if (other.label === output.label && other.place.type === 'file') selected.push(number)
  }
  return selected
}

function compareToGroup(grouping: Grouping, group: Group, set: OutputSet, number: number): number {
  const byLabel = grouping === 'group-node' ? 0 : set.outputs[number]!.label - group.label
  if (byLabel !== 0 || grouping === 'group-label') return byLabel
  return compareKeys(homeAt(set, number), group.node)
}

function firstInGroup(grouping: Grouping, group: Group, set: OutputSet): number {
  let low = 0
  let high = set.outputs.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const number = set.order === undefined ? middle : set.order[middle]!
    if (compareToGroup(grouping, group, set, number) < 0) low = middle + 1
    else high = middle
  }
  return low
}

/**
 * Has a stage without any outputs before it a task all the same?
 *
 * One of `group-all` has, when the list of outputs exists: the job's own inputs, or the outputs of tasks that made none. A
 * stage that follows one without tasks has none.
 */
export const hasEmptyTask = (grouping: Grouping, isFirst: boolean, previousTaskCount: number): boolean =>
  grouping === 'group-all' && (isFirst || previousTaskCount > 0)
