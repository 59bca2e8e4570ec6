/** A scanner that takes its parts by itself, in whatever thread it is. */
import type {PartResult, ScannerRuns} from './scan-job.ts'
import type {Scanner} from './scanner.ts'
import {joinIn, type SharedParts, takeNoMore, takePart} from './shared-parts.ts'

/**
 * Scans parts until there are none, and finishes.
 *
 * @returns undefined when the scanner was left behind
 * @throws as Scanner.run
 */
export async function scanShared(
  scanner: Scanner,
  number: number,
  shared: SharedParts,
  onResult: (result: PartResult) => void,
): Promise<ScannerRuns | undefined> {
  if (!joinIn(shared, number)) return undefined
  for (let part = takePart(shared, number); part !== undefined; part = takePart(shared, number)) {
    const result = await scanner.run(part)
    if (result.isFull) takeNoMore(shared)
    onResult(result)
  }
  return scanner.finish()
}
