/** Some lines of a piece of input. */
import {sampleLinesMax, sampleRuns} from '../limits.ts'

const newline = 0x0a

/**
 * @param piece - complete lines, each with its newline
 * @returns up to `sampleLinesMax` of them, in some runs that lie apart: neighbours are alike too often
 */
export function sampleLines(piece: Uint8Array): readonly Uint8Array[] {
  const lines: Uint8Array[] = []
  let at = 0
  for (let run = 0; run < sampleRuns; run++) {
    const wanted = Math.floor((piece.length * run) / sampleRuns)
    if (wanted > at) at = piece.indexOf(newline, wanted) + 1
    for (let count = 0; count < sampleLinesMax / sampleRuns && at < piece.length; count++) {
      const end = piece.indexOf(newline, at) + 1
      lines.push(piece.subarray(at, end))
      at = end
    }
  }
  return lines
}
