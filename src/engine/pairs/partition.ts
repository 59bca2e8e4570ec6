/** Which reduce partition a pair goes to. */
import type {Params, PartitionFunction, Plan} from '../../rules/index.ts'
import {crc32} from '../bytes/index.ts'
import {hookFailed, hookThrew} from './hook-failure.ts'

/** @returns 0..partitions-1; `keyBytes` are the key's order-preserving bytes */
export type Partitioner = (key: readonly string[], keyBytes: Uint8Array) => number

/**
 * The partitioner of a plan. Without a function: CRC-32 of the key's bytes, which no result depends on as long as the
 * reduce looks at one key at a time and results are sorted.
 *
 * @returns a function that throws UserError HOOK_FAILED when the rule's function throws or leaves 0..partitions-1: a pair in
 * no partition would be lost, and a guess would split its group
 */
export function makePartitioner(plan: Plan, custom: PartitionFunction | undefined, params: Params): Partitioner {
  const {partitions, rule} = plan
  const hook = plan.partitioner?.hook ?? 'partitionFunction'
  if (custom === undefined) return partitions === 1 ? () => 0 : (_, keyBytes) => crc32(keyBytes) % partitions
  return key => {
    const failure = {hook, rule, key, hint: `return an integer from 0 to ${partitions - 1} for every key`}
    let partition: unknown
    try {
      partition = custom(partitionKeyText(key), partitions, params)
    } catch (error) {
      throw hookThrew(failure, error)
    }
    if (typeof partition === 'number' && Number.isInteger(partition) && partition >= 0 && partition < partitions)
      return partition
    const what =
      typeof partition === 'number' ? partition : partition === undefined ? 'undefined' : `a ${typeof partition}`
    throw hookFailed(`returned ${what}, which is no integer in 0..${partitions - 1}`, failure)
  }
}

/**
 * The key as a partition function sees it: compact JSON of the list, `/` and everything beyond ASCII escaped, which is what
 * Inferno's functions were given.
 */
export function partitionKeyText(key: readonly string[]): string {
  return JSON.stringify(key).replace(/[/\u0080-\uffff]/g, char =>
    char === '/' ? '\\/' : `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
