/** Colours of the monitor, all off with NO_COLOR: what they say is always said in words or marks, too. */
import {type Paint, paint} from '../paint.ts'

/** `bar`: its full part green, its empty part dim. `selected`: the line under the cursor. */
export type Style = Paint | 'bar' | 'selected'

/** Adds no columns, but letters: for text that has been cut to its width. */
export function styled(text: string, style: Style | undefined, isColor: boolean): string {
  if (!isColor || style === undefined || text === '') return text
  if (style === 'selected') return `\u001b[7m${text}\u001b[27m`
  if (style !== 'bar') return paint(text, style)
  return text.replace(/█+/g, part => paint(part, 'green')).replace(/░+/g, part => paint(part, 'dim'))
}

/** `███░░`, full only when nothing is missing. */
export function barText(fraction: number, columns: number): string {
  const width = Math.max(0, columns)
  const full = Math.floor(Math.min(1, Math.max(0, fraction)) * width)
  return '█'.repeat(full) + '░'.repeat(width - full)
}
