import {printable} from '../base/index.ts'
import {findRepeatedNames, type RepeatedNames, type RuleRun} from '../project/index.ts'
import {readsOnlyRules} from '../rules/index.ts'

/** A line below the account when a column that counts has the name of another, or nothing. */
export async function repeatedNamesText(run: RuleRun, inputs: readonly string[]): Promise<string> {
  for (const {plan, rule} of [...run.inner, run]) {
    if (readsOnlyRules(rule)) continue
    const {sourceUrls = []} = rule.options
    const found = await findRepeatedNames(
      plan,
      inputs.length > 0 || typeof sourceUrls === 'function' ? inputs : sourceUrls,
    )
    if (found !== undefined) return textOf(found)
  }
  return ''
}

function textOf(found: RepeatedNames): string {
  const names = found.names.map(name => JSON.stringify(name)).join(', ')
  return `${printable(`the header of ${found.file} has ${names} more than once (the last one counts)`)}\n`
}
