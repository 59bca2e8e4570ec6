/** From what was typed - `clicks.perSite.byDay` or `rules/clicks.ts:perSite` - to loaded, checked rules. */
import {existsSync, readdirSync} from 'node:fs'
import {basename, extname, join} from 'node:path'
import {compareText, didYouMean, messageOf, printable, UserError} from '../../base/index.ts'
import {assertLoadedRule, type Rule} from '../../rules/index.ts'
import {loadRuleModule, type RuleModule, ruleFileEndings} from '../../worker/index.ts'

export interface RuleTarget {
  readonly module: RuleModule
  readonly rule: Rule
  /** Index among the module's rules. */
  readonly index: number
  /** Only this keyset, when one was named. */
  readonly keyset: string | undefined
}

/** A name that is not in a rule file stands in a folder of rule modules. */
const defaultRulesDirectory = 'rules'

/**
 * @param reference - `MODULE[.RULE[.KEYSET]]` in the rules directory, or `PATH.ts[:RULE[.KEYSET]]`
 * @returns one target, or all rules of a module in the order of its file
 * @throws UserError RULE_NOT_FOUND (exit 2, with the nearest name), RULE_FILE_BROKEN, BAD_RULE
 */
export async function findRules(reference: string, rulesDirectory: string): Promise<RuleTarget[]> {
  const {module, rest} = await findModule(reference, rulesDirectory)
  assertUniqueNames(module)
  const targets =
    rest === ''
      ? module.rules.map((rule, index) => ({module, rule, index, keyset: undefined}))
      : [findInModule(module, rest)]
  for (const {rule} of targets) await assertLoadedRule(rule, {source: module.source})
  return targets
}

/** The files of a folder that are rule modules: not hidden, not a declaration or a test. */
export function ruleFilesIn(directory: string): string[] {
  let names: string[]
  try {
    names = readdirSync(directory)
  } catch (error) {
    throw new UserError('RULE_NOT_FOUND', `there is no rules directory ${printable(directory)}: ${messageOf(error)}`, {
      hint: 'make a rule project with: inferno init DIR, name a folder with -y, or a file: inferno run path/to/rule.ts',
      exitCode: 2,
    })
  }
  return names
    .filter(
      name =>
        ruleFileEndings.includes(extname(name)) && !name.startsWith('.') && !/\.(d|test|spec)\.m?[tj]s$/.test(name),
    )
    .sort(compareText)
    .map(name => join(directory, name))
}

/** The parts of `PATH.ts[:RULE[.KEYSET]]`; undefined for a name in the rules directory. */
export function rulePathOf(reference: string): {readonly path: string; readonly rest: string} | undefined {
  const match = /^(.*?\.m?[tj]s)(?::(.*))?$/.exec(reference)
  return match ? {path: match[1]!, rest: match[2] ?? ''} : undefined
}

async function findModule(reference: string, directory: string): Promise<{module: RuleModule; rest: string}> {
  const file = rulePathOf(reference)
  if (file) return {module: await loadRuleModule(file.path), rest: file.rest}
  const files = ruleFilesIn(existsSync(directory) || directory !== defaultRulesDirectory ? directory : '.')
  // Module names may hold dots: the longest one that fits wins.
  const fitting = files
    .map(file => ({file, name: basename(file, extname(file))}))
    .filter(({name}) => reference === name || reference.startsWith(`${name}.`))
    .sort((a, b) => b.name.length - a.name.length)
  const found = fitting[0]
  if (found) return {module: await loadRuleModule(found.file), rest: reference.slice(found.name.length + 1)}
  const names = files.map(file => basename(file, extname(file)))
  const word = reference.split('.')[0] ?? reference
  throw new UserError(
    'RULE_NOT_FOUND',
    `there is no rule module "${printable(word)}" in ${directory}/.${didYouMean(word, names)}`,
    {
      hint: names.length === 0 ? `the folder ${directory} holds no rule files` : `modules there: ${names.join(', ')}`,
      exitCode: 2,
    },
  )
}

/** Rule names may hold dots: the whole rest as a name wins, then the longest name that is followed by a keyset. */
function findInModule(module: RuleModule, rest: string): RuleTarget {
  const entries = [...module.rules.entries()].map(([index, rule]) => ({module, rule, index, name: rule.options.name}))
  const exact = entries.find(({name}) => name === rest)
  if (exact) return {module, rule: exact.rule, index: exact.index, keyset: undefined}
  const fitting = entries.filter(({name}) => rest.startsWith(`${name}.`)).sort((a, b) => b.name.length - a.name.length)
  for (const {rule, index, name} of fitting) {
    const keyset = rest.slice(name.length + 1)
    if (keysetNames(rule).includes(keyset)) return {module, rule, index, keyset}
  }
  const [nearest] = fitting
  if (nearest) {
    const keyset = rest.slice(nearest.name.length + 1)
    const known = keysetNames(nearest.rule)
    throw new UserError(
      'RULE_NOT_FOUND',
      `the rule ${module.name}.${nearest.name} has no keyset "${printable(keyset)}".${didYouMean(keyset, known)}`,
      {hint: `its keysets: ${known.join(', ')}`, exitCode: 2},
    )
  }
  const names = module.rules.map(rule => rule.options.name)
  const owner = module.rules.find(rule => keysetNames(rule).includes(rest))
  throw new UserError(
    'RULE_NOT_FOUND',
    `the module ${module.name} has no rule "${printable(rest)}".${didYouMean(rest, names)}`,
    {
      hint:
        owner === undefined
          ? `its rules: ${names.join(', ')}`
          : `it is a keyset of a rule: ${module.name}.${owner.options.name}.${rest}`,
      exitCode: 2,
    },
  )
}

/** In the order of the rule; `_default` when it names none. */
export function keysetNames(rule: Rule): string[] {
  return rule.options.keysets === undefined ? ['_default'] : Object.keys(rule.options.keysets)
}

/** Two rules of one name would share results, state and messages (D1). */
function assertUniqueNames(module: RuleModule): void {
  const seen = new Map<string, Rule>()
  for (const rule of module.rules) {
    const known = seen.get(rule.options.name)
    if (known) {
      throw new UserError(
        'BAD_RULE',
        `${module.file}: two rules are called "${rule.options.name}" (lines ${known.definedAt?.line} and ${rule.definedAt?.line})`,
        {
          hint: 'give each rule of a module a name of its own',
        },
      )
    }
    seen.set(rule.options.name, rule)
  }
}
