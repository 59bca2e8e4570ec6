/**
 * Paths of outputs: `RUN/FILE@OFFSET`, below the folder of their job. One file of a run holds the sections of all its labels,
 * one behind the other; an output is one section, `bytes` long. Without an offset it is the file as a whole.
 */

export interface OutputFile {
  /** Below the folder of the job. */
  readonly file: string
  readonly offset: number | undefined
}

export const outputPath = (run: number, file: string, offset: number): string => `${run}/${file}@${offset}`

export function parseOutputPath(path: string): OutputFile {
  const match = /^(.+)@(\d{1,15})$/.exec(path)
  return match === null ? {file: path, offset: undefined} : {file: match[1]!, offset: Number(match[2])}
}
