/** Plans of small rules, for tests. */
import {compilePlan} from '../../../src/rules/compile-plan.ts'
import {defineRule} from '../../../src/rules/define-rule.ts'
import type {AggregateNode, Plan} from '../../../src/rules/plan.ts'
import type {RuleOptions, ValueParts} from '../../../src/rules/types.ts'

export function planOf(options: RuleOptions): Plan {
  return compilePlan(defineRule(options), {module: 'logs'}).plan
}

export function columnsOf(valueParts: ValueParts): readonly AggregateNode[] {
  return planOf({name: 'a', valueParts}).keysets[0]!.values
}
