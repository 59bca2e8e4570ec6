/** Patterns as the source of a RegExp without flags, for texts without surrogates. Nothing goes by JavaScript's own classes. */
import {type CharSet, codePointMax, negated} from './char-set.ts'
import type {Assertion, PatternNode} from './tree.ts'

const assertionTexts: Readonly<Record<Assertion, string>> = {
  start: '^',
  end: '$',
  boundary: '\\b',
  'no-boundary': '\\B',
}

export function regExpSource(node: PatternNode): string {
  switch (node.type) {
    case 'char':
      return classText(node.set)
    case 'sequence':
      return node.nodes.map(inner => (inner.type === 'choice' ? whole(inner) : regExpSource(inner))).join('')
    case 'choice':
      return node.options.map(regExpSource).join('|')
    case 'group':
      return `(${regExpSource(node.node)})`
    case 'repeat': {
      const {min, max, isGreedy} = node
      const end = max === Infinity ? '' : String(max)
      return `${whole(node.node)}{${min},${end}}${isGreedy ? '' : '?'}`
    }
    case 'assertion':
      return assertionTexts[node.assertion]
  }
}

/** As one thing that can be repeated. */
function whole(node: PatternNode): string {
  const text = regExpSource(node)
  return node.type === 'char' || node.type === 'group' ? text : `(?:${text})`
}

/** What one code unit is tried against. Beyond 16 bits there is none in such texts. */
export function classText(set: CharSet): string {
  if (set.length === 2 && set[0] === set[1] && set[0]! <= unitMax) return charText(set[0]!)
  // The shorter way: what begins and ends with all of Unicode was mostly written as a negated class.
  const isNegated = set[0] === 0 && set.at(-1) === codePointMax && set.length > 2
  const shown = isNegated ? negated(set) : set
  let text = ''
  for (let at = 0; at < shown.length && shown[at]! <= unitMax; at += 2) {
    const first = charText(shown[at]!)
    text += shown[at] === shown[at + 1] ? first : `${first}-${charText(Math.min(shown[at + 1]!, unitMax))}`
  }
  return `[${isNegated ? '^' : ''}${text}]`
}

const unitMax = 0xffff

function charText(unit: number): string {
  const text = String.fromCharCode(unit)
  return /[A-Za-z0-9]/.test(text) ? text : `\\u${unit.toString(16).padStart(4, '0')}`
}
