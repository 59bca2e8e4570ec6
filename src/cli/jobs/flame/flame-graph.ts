/** A flame graph as SVG: every function a bar as wide as the time in it and in what it called, callers below. No script. */
import {type Frame, frameTree, type Stacks} from './stacks.ts'

const width = 1200
const rowHeight = 17
const margin = 10
const titleHeight = 40

/** Bars that are narrower are left out, pixels. */
const barWidthMin = 0.3

/** Width of a character of the font, pixels: a bar shows as much of its name as it holds. */
const charWidth = 6.6

/** @param title - above the picture. @param stacks - weights are microseconds */
export function flameGraph(title: string, stacks: Stacks): string {
  const root = frameTree(stacks)
  const scale = root.weight === 0 ? 0 : (width - 2 * margin) / root.weight
  const height = titleHeight + depthOf(root, scale) * rowHeight + margin
  const bars: string[] = []
  draw(bars, {frame: root, x: margin, y: height - margin - rowHeight, scale, total: root.weight})
  return `<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="monospace" font-size="11">
<rect width="100%" height="100%" fill="#fdf6e3"/>
<text x="${width / 2}" y="24" font-size="15" text-anchor="middle">${escaped(title)}</text>
${bars.join('\n')}
</svg>
`
}

function depthOf(frame: Frame, scale: number): number {
  let deepest = 0
  for (const child of frame.children.values()) {
    if (child.weight * scale >= barWidthMin) deepest = Math.max(deepest, depthOf(child, scale))
  }
  return deepest + 1
}

interface Bar {
  readonly frame: Frame
  readonly x: number
  readonly y: number
  readonly scale: number
  readonly total: number
}

function draw(bars: string[], {frame, x, y, scale, total}: Bar): void {
  const barWidth = frame.weight * scale
  if (barWidth < barWidthMin) return
  bars.push(barText(frame, x, y, barWidth, total))
  let left = x
  const children = [...frame.children.values()].sort((one, other) => (one.name < other.name ? -1 : 1))
  for (const child of children) {
    draw(bars, {frame: child, x: left, y: y - rowHeight, scale, total})
    left += child.weight * scale
  }
}

function barText({name, weight}: Frame, x: number, y: number, barWidth: number, total: number): string {
  const percent = total === 0 ? 0 : (100 * weight) / total
  const told = `${name}: ${(weight / 1000).toFixed(1)} ms, ${percent.toFixed(1)} %`
  const chars = Math.floor((barWidth - 6) / charWidth)
  const shown = chars < 3 ? '' : name.length <= chars ? name : `${name.slice(0, chars - 1)}…`
  const label = shown === '' ? '' : `<text x="${rounded(x + 3)}" y="${y + 12}">${escaped(shown)}</text>`
  const rect = `<rect x="${rounded(x)}" y="${y}" width="${rounded(barWidth)}" height="${rowHeight - 1}" rx="2" fill="${colourOf(name)}"/>`
  return `<g><title>${escaped(told)}</title>${rect}${label}</g>`
}

const rounded = (pixels: number): string => String(Math.round(pixels * 100) / 100)

/** Warm, and the same for the same function in every picture; what is the engine's own is grey. */
function colourOf(name: string): string {
  if (name.startsWith('(') && !name.startsWith('(anonymous)')) return '#c8c4b8'
  let hash = 0
  for (let at = 0; at < name.length; at++) hash = (hash * 31 + name.charCodeAt(at)) >>> 0
  return `hsl(${10 + (hash % 45)} ${70 + ((hash >>> 8) % 25)}% ${58 + ((hash >>> 16) % 14)}%)`
}

const entities: Readonly<Record<string, string>> = {'&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;'}

/** Control characters are not allowed in XML at all. */
const escaped = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cs}\ufffe\uffff]/gu, '?').replace(/[&<>"]/g, char => entities[char]!)
