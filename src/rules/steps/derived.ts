/** Fields computed from another one: key parts and values of derive. */
import type {TransformNode} from '../plan.ts'
import {type Derived, planNode, type TransformStep} from '../types.ts'
import {checkField, refuse, show} from './check-arguments.ts'

/**
 * A field run through built-in transforms, for keyParts and derive. Named like the field; `.as(name)` renames it.
 *
 * Functions of your own do not fit here, because a key part is data: put them into fieldTransforms or partsPreprocess.
 *
 * @throws UserError BAD_RULE
 */
export function from(field: string, ...transforms: readonly TransformStep[]): Derived {
  checkField('from', field)
  return derived(field, field, transforms)
}

/** @throws UserError BAD_RULE for a name that no column can have, and anything but built-in transforms */
export function derived(name: string, field: string, transforms: readonly TransformStep[]): Derived {
  return derivedOf(name, field, transforms.map(nodeOfTransform))
}

/** @throws UserError BAD_RULE for a name that no column can have */
export function derivedOf(name: string, field: string, transforms: readonly TransformNode[]): Derived {
  checkField('as', name)
  return {kind: 'derived', name, field, transforms, as: other => derivedOf(other, field, transforms)}
}

/** @throws UserError BAD_RULE for anything but a built-in transform */
export function nodeOfTransform(transform: TransformStep): TransformStep[typeof planNode] {
  const node = typeof transform === 'function' ? transform[planNode] : undefined
  if (node !== undefined) return node
  return refuse(
    'from',
    `${show(transform)} is not a built-in transform`,
    'use toInt, lower, day() …; your own functions belong into fieldTransforms or partsPreprocess',
  )
}
