/** Parameters of the command line that a rule does not declare and that are spelt much like one that it does. */
import {nearest, printable} from '../base/index.ts'
import {type Rule, subRulesOf} from '../rules/index.ts'

/**
 * A note for people. Hooks may read any parameter, so a name that is like none of the declared ones is nobody's mistake.
 *
 * @param assignments - of -P, `name=value`
 * @returns lines, or nothing
 */
export function strayParamsText(rules: readonly Rule[], assignments: readonly string[]): string {
  const declared = new Set(rules.flatMap(withInner).flatMap(({options}) => Object.keys(options.params ?? {})))
  const lines = assignments.flatMap(assignment => {
    const name = assignment.replace(/=.*$/s, '').trim()
    const near = declared.has(name) ? undefined : nearest(name, [...declared])
    return near === undefined
      ? []
      : [`-P ${printable(name)}: no rule declares this parameter; is it "${printable(near)}"?\n`]
  })
  return lines.join('')
}

const withInner = (rule: Rule): readonly Rule[] => [rule, ...subRulesOf(rule).flatMap(withInner)]
