/** What is counted once: a rule's plan over a set of blobs. */
import {createHash} from 'node:crypto'
import {compareText} from '../../base/index.ts'

/**
 * SHA-256, hexadecimal, of rule, plan hash and sorted identities.
 *
 * @param identities - of the blobs, any order
 */
export function batchId(rule: string, planHash: string, identities: readonly string[]): string {
  const sorted = [...identities].sort(compareText)
  return createHash('sha256')
    .update(JSON.stringify([rule, planHash, sorted]))
    .digest('hex')
}
