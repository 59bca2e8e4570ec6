/** Chunks that are not read because of their statistics, in a line for people. */
import {formatBytes} from '../../base/index.ts'

/** What was not read of one of them, and why. */
export interface SkippedChunk {
  readonly recordCount: number
  /** Before compression. */
  readonly rawBytes: number
  readonly because: string
}

/** Reasons that are told; a rule with many keysets has more. */
const reasonsShownMax = 3

/** @param bytes - as stored @returns `28 of 30 inputs (1.2 GB stored, 3.1 GB of text, 12000000 records): where time >= 250` */
export function skippedText(skipped: readonly SkippedChunk[], bytes: number, total: string): string {
  const sum = (of: 'recordCount' | 'rawBytes'): number => skipped.reduce((all, one) => all + one[of], 0)
  const size = `${formatBytes(bytes)} stored, ${formatBytes(sum('rawBytes'))} of text, ${sum('recordCount')} records`
  const counts = new Map<string, number>()
  for (const {because} of skipped) counts.set(because, (counts.get(because) ?? 0) + 1)
  const reasons = [...counts].map(([because, count]) => (counts.size === 1 ? because : `${count} by ${because}`))
  const more = reasons.length > reasonsShownMax ? [`${reasons.length - reasonsShownMax} more reasons`] : []
  return `${skipped.length} of ${total} (${size}): ${[...reasons.slice(0, reasonsShownMax), ...more].join('; ')}`
}
