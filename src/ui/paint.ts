/** Colours of a terminal, ours to decide: libraries look at stdout, we print to stderr. */

const codes = {bold: [1, 22], dim: [2, 22], red: [31, 39], green: [32, 39], yellow: [33, 39], cyan: [36, 39]} as const
export type Paint = keyof typeof codes

/** @param color - false: the text as it is. NO_COLOR is for the caller to look at */
export function paint(text: string, style: Paint, color = true): string {
  if (!color || text === '') return text
  const [on, off] = codes[style]
  return `\u001b[${on}m${text}\u001b[${off}m`
}
