/** Index files: `LABEL SP URL SP BYTES LF` a line, one an output. Labels may repeat; the order is that of the outputs. */

export interface IndexLine {
  readonly label: number
  readonly url: string
  readonly bytes: number
}

export const indexText = (lines: readonly IndexLine[]): string =>
  lines.map(({label, url, bytes}) => `${label} ${url} ${bytes}\n`).join('')

const linePattern = /^(\d{1,15}) (\S+) (\d{1,15})$/

/** @returns the lines, or the number (from 1) of the first that is none */
export function parseIndex(text: string): readonly IndexLine[] | number {
  const lines: IndexLine[] = []
  for (const [index, line] of text.split('\n').entries()) {
    if (line === '') continue
    const match = linePattern.exec(line)
    if (match === null) return index + 1
    lines.push({label: Number(match[1]), url: match[2]!, bytes: Number(match[3])})
  }
  return lines
}
