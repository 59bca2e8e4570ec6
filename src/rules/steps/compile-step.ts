/** From step nodes to functions of a record. */
import {unreachable} from '../../base/index.ts'
import {compileCondition, compileExpression} from '../expressions/compile.ts'
import {compileCopyWith, compilePath} from '../paths.ts'
import type {StepNode} from '../plan.ts'
import type {Params, PreprocessFunction} from '../types.ts'
import type {ResolveFunction} from './compile-transform.ts'
import {
  compileDerive,
  compileLookup,
  compileSelect,
  explodeRecord,
  parsedRecord,
  splitRecord,
} from './step-functions.ts'

/**
 * Makes the function of a step. Built-in steps never change the record given and return a single record or null without wrapping it;
 * only explode and splitWords return iterables. A record that passes unchanged is returned itself.
 *
 * @param params - read now; see compileExpression
 * @throws UserError BAD_PARAMETERS or BAD_RULE
 */
export function compileStep(node: StepNode, params: Params, resolveFunction: ResolveFunction): PreprocessFunction {
  switch (node.step) {
    case 'where': {
      const condition = compileCondition(node.condition, params, resolveFunction)
      return parts => (condition(parts) ? parts : null)
    }
    case 'select':
      return compileSelect(node.fields)
    case 'derive':
      return compileDerive(
        node.fields.map(({name, value}) => ({name, compute: compileExpression(value, params, resolveFunction)})),
      )
    case 'explode': {
      const read = compilePath(node.field)
      const copyWith = compileCopyWith(node.as)
      return parts => explodeRecord(parts, read(parts), copyWith)
    }
    case 'splitWords': {
      const read = compilePath(node.field)
      const copyWith = compileCopyWith(node.as)
      return parts => splitRecord(parts, read(parts), copyWith)
    }
    case 'parseJson': {
      const read = compilePath(node.field)
      const copyWith = compileCopyWith(node.as)
      return parts => parsedRecord(parts, read(parts), copyWith)
    }
    case 'lookup':
      return compileLookup(node)
    case 'function':
      return resolveFunction(node) as PreprocessFunction
    default:
      return unreachable(node)
  }
}
