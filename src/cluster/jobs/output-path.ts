/**
 * Paths of outputs: `RUN/FILE@OFFSET`, below the folder of their job. One file of a run holds the sections of all its labels,
 * one behind the other; an output is one section, `bytes` long. Without an offset it is the file as a whole.
 */

export interface OutputFile {
  /** Below the folder of the job. */
  readonly file: string
  readonly offset: number | undefined
}

/** @param offset - of the section in the file, bytes */
export const outputPath = (run: number, file: string, offset: number): string => `${run}/${file}@${offset}`

/** What `outputPath` made. Any other path is that of a file as a whole: whether it may be read is for the caller to check. */
export function parseOutputPath(path: string): OutputFile {
  const match = /^(.+)@(\d{1,15})$/.exec(path)
  return match === null ? {file: path, offset: undefined} : {file: match[1]!, offset: Number(match[2])}
}
