/** A file of its own, so that what checks rules is loaded only when there is something to check. */
import {assertRule, type Rule} from '../rules/index.ts'

/** @throws UserError BAD_RULE */
export function checkQuery(rule: Rule): void {
  assertRule(rule)
}
