// The one cast of values to key text is part of the rule language.
export {textOf as keyTextOf} from '../../rules/index.ts'
export * from './coercion.ts'
export * from './compare.ts'
export {cellOfDigits, cellOfExact, cellOfSmall, Decimal, decimalText, rescaled} from './decimal.ts'
export * from './limits.ts'
export {bigPowerOfTen, powersOfTen} from './powers.ts'
export * from './rounding.ts'
export {splitDouble} from './split-double.ts'
