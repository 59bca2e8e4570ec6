/** `inferno rules`: the rules of a folder with what matters of each. */
import {messageOf} from '../base/index.ts'
import {archiveClashes, checkRule, formatProblems, type NamedRule} from '../rules/index.ts'
import {loadRuleModule} from '../worker/index.ts'
import {keysetNames, ruleFilesIn} from './run/index.ts'

export interface RuleListing {
  readonly name: string
  readonly file: string
  readonly line: number | undefined
  readonly description: string | undefined
  readonly isAutorun: boolean
  readonly keysets: readonly string[]
  readonly examples: number
  /** What is wrong with it; empty when it can run. */
  readonly problems: readonly string[]
  /** What a person should know of it: rules that hide blobs from one another. */
  readonly warnings: readonly string[]
}

/** A file that does not load is listed with its problem; the others are listed all the same. */
export async function listRules(directory: string): Promise<RuleListing[]> {
  const listings: RuleListing[] = []
  const sound: NamedRule[] = []
  for (const file of ruleFilesIn(directory)) {
    try {
      const module = await loadRuleModule(file)
      for (const rule of module.rules) {
        const problems = checkRule(rule, {source: module.source})
        if (problems.length === 0) sound.push({name: `${module.name}.${rule.options.name}`, rule})
        listings.push({
          name: `${module.name}.${rule.options.name}`,
          file,
          line: rule.definedAt?.line,
          description: rule.options.description,
          isAutorun: module.isAutorun && rule.options.run !== false,
          keysets: problems.length === 0 ? keysetNames(rule) : [],
          examples: rule.options.examples?.length ?? 0,
          problems: problems.length === 0 ? [] : formatProblems(rule, problems).split('\n'),
          warnings: [],
        })
      }
    } catch (error) {
      listings.push({
        name: file,
        file,
        line: undefined,
        description: undefined,
        isAutorun: false,
        keysets: [],
        examples: 0,
        problems: messageOf(error).split('\n'),
        warnings: [],
      })
    }
  }
  const clashes = archiveClashes(sound)
  return listings.map(listing => ({
    ...listing,
    warnings: clashes.filter(({rules}) => rules.includes(listing.name)).map(({text}) => text),
  }))
}

/** Of a rule with problems these stand in place of the number of its examples. */
export function listingText(listings: readonly RuleListing[]): string {
  const lines = listings.flatMap(({name, description, isAutorun, keysets, examples, problems, warnings}) => [
    `${name}${isAutorun ? '   (automatic)' : ''}`,
    ...(description === undefined ? [] : [`    ${description}`]),
    ...(keysets.length > 1 || (keysets.length === 1 && keysets[0] !== '_default')
      ? [`    keysets: ${keysets.join(', ')}`]
      : []),
    ...(problems.length > 0
      ? problems.map(problem => `    problem: ${problem}`)
      : [`    ${examples === 0 ? 'no examples' : examples === 1 ? '1 example' : `${examples} examples`}`]),
    ...warnings.map(warning => `    warning: ${warning}`),
  ])
  return lines.length === 0 ? 'no rules\n' : `${lines.join('\n')}\n`
}
