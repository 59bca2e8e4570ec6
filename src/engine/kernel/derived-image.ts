/** How derived fields are made, as the kernel reads it from its memory. */
import type {TransformNode} from '../../rules/index.ts'
import type {HostValue} from './host-value.ts'
import type {KernelTest} from './kernel-condition.ts'
import {type KernelDerived, memoriesOf, zonesOf} from './kernel-fields.ts'
import {allowedKinds} from './kinds.ts'
import type {Image} from './plan-image.ts'

/** As in layout.ts. */
const derivedBytes = 32
const slotBytes = 24

/** Transforms that the kernel has code of its own for, by number as in layout.ts. */
const nativeTransforms: readonly TransformNode['transform'][] = [
  'function',
  'toInt',
  'lower',
  'upper',
  'truncateIp',
  'urlHost',
  'minute',
  'hour',
  'day',
  'week',
]
const byHost = 0
const otherOps = {constant: 10, arithmetic: 11, test: 12, matches: 13, lookup: 13, found: 13, element: 14}
const units = ['auto', 's', 'ms', 'us', 'ns']
const operators = ['+', '-', '*', '/']

export interface DerivedPlaces {
  readonly slotOf: (field: number) => number
  readonly addressOfTest: (test: KernelTest) => number
}

interface Words {
  readonly source: number
  readonly op: number
  readonly argument: number
  readonly second: number
}

/** @param at - where in the image their descriptions go: `derivedBytes` for each, reserved by the caller; what they point to is appended */
export function writeDerived(image: Image, at: number, list: readonly KernelDerived[], places: DerivedPlaces): void {
  const memories = memoriesOf(list)
  const zones = zonesOf(list)
  for (const [id, derived] of list.entries()) {
    const {source, op, argument, second} = wordsOf(image, derived, zones, places)
    // The text of a number is made only where somebody needs it.
    const needsText = derived.make === 'arithmetic' && [...derived.uses].some(use => use !== 'presence') ? 1 : 0
    image.words(at + id * derivedBytes, [
      source,
      places.slotOf(-1 - id),
      op,
      argument,
      allowedKinds(derived.uses),
      id,
      second,
      memories[id] ?? needsText,
    ])
  }
}

function wordsOf(image: Image, derived: KernelDerived, zones: readonly string[], places: DerivedPlaces): Words {
  const {slotOf, addressOfTest} = places
  const words = {source: 0, op: derived.make === 'transform' ? byHost : otherOps[derived.make], argument: 0, second: 0}
  switch (derived.make) {
    case 'transform':
      return {...words, source: slotOf(derived.source), ...transformWords(derived.chain, zones)}
    case 'constant':
      return {...words, second: writeConstant(image, derived.value)}
    case 'arithmetic':
      return {
        ...words,
        source: slotOf(derived.left),
        argument: operators.indexOf(derived.operator),
        second: slotOf(derived.right),
      }
    case 'test':
      return {...words, source: addressOfTest(derived.test)}
    case 'lookup':
      return {
        ...words,
        source: slotOf(derived.source),
        second: derived.otherwise === undefined ? 0 : slotOf(derived.otherwise),
      }
    case 'matches':
    case 'found':
      return {...words, source: slotOf(derived.source)}
    case 'element':
      return words
  }
}

function transformWords(
  chain: readonly TransformNode[],
  zones: readonly string[],
): Pick<Words, 'op' | 'argument' | 'second'> {
  const [node] = chain
  if (chain.length !== 1 || node === undefined) return {op: byHost, argument: 0, second: 0}
  return {
    op: Math.max(byHost, nativeTransforms.indexOf(node.transform)),
    argument: 'unit' in node ? units.indexOf(node.unit) : 0,
    second: 'zone' in node ? zones.indexOf(node.zone) + 1 : 0,
  }
}

/** Returns the address of a slot that holds the value. */
function writeConstant(image: Image, {kind, text, mantissa, scale}: HostValue): number {
  const bytes = new TextEncoder().encode(text)
  const textAt = image.append(bytes)
  const at = image.reserve(slotBytes)
  image.words(at, [kind, image.addressOf(textAt), bytes.length, scale])
  image.long(at + 16, mantissa)
  return image.addressOf(at)
}
