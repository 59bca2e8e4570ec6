/** What a rule reads: files that were named, its own sourceUrls, or standard input. */
import {messageOf, UserError} from '../../base/index.ts'
import {type Params, type Rule, readsOnlyRules, subRulesOf} from '../../rules/index.ts'
import {findInputs, type InputFile} from '../../worker/index.ts'
import type {RunSettings} from './run-rule.ts'

/** @throws as `inputPatterns`; UserError INPUT_NOT_FOUND, INPUT_UNREADABLE */
export function inputFiles(rule: Rule, {inputs, params, onNote}: RunSettings): readonly InputFile[] {
  const {files, repeated} = findInputs(inputPatterns(rule, inputs, params))
  for (const name of repeated) onNote?.(`${name} is named more than once; it is read once`)
  return files
}

/**
 * What was named, else the rule's own sourceUrls, else a pipe on standard input.
 *
 * @throws UserError BAD_FLAG when there is nothing to read, HOOK_FAILED, BAD_RULE as `ownInputs`
 */
export function inputPatterns(rule: Rule, given: readonly string[], params: Params): readonly string[] {
  if (given.length > 0) return given
  const own = ownInputs(rule, {...rule.options.params, ...params})
  if (own.length > 0) return own
  if (!process.stdin.isTTY) return ['-']
  throw new UserError('BAD_FLAG', `${rule.options.name}: there is no input`, {
    hint: "name files: --input 'logs/*.json', or pipe them in",
    exitCode: 2,
  })
}

/** The rule's own sourceUrls. @throws UserError HOOK_FAILED, BAD_RULE when its function does not give a list of texts */
export function ownInputs({options: {name, sourceUrls}}: Rule, params: Params): readonly string[] {
  if (typeof sourceUrls !== 'function') return sourceUrls ?? []
  let own: unknown
  try {
    own = sourceUrls(params)
  } catch (error) {
    throw new UserError('HOOK_FAILED', `sourceUrls of ${name} failed: ${messageOf(error)}`, {cause: error})
  }
  if (Array.isArray(own) && own.every(path => typeof path === 'string')) return own
  throw new UserError('BAD_RULE', `sourceUrls of ${name} gave no list of texts`, {hint: 'return a list of file names'})
}

/**
 * Standard input can be read once, so only one of several rules can have it.
 *
 * @throws UserError BAD_FLAG when more than one rule would read it
 */
export function checkStandardInput(outermost: Rule, {inputs, params}: Pick<RunSettings, 'inputs' | 'params'>): void {
  if (subRulesOf(outermost).length === 0) return
  const readers = readingRules(outermost).filter(rule => inputPatterns(rule, inputs, params).includes('-'))
  if (readers.length < 2) return
  const names = readers.map(rule => rule.options.name).join(', ')
  throw new UserError('BAD_FLAG', `standard input cannot be read by several rules: ${names}`, {
    hint: 'write it to a file first and name that with --input',
    exitCode: 2,
  })
}

/** The rules of a tree that read files, each once. */
export function readingRules(outermost: Rule): readonly Rule[] {
  const found = new Set<Rule>()
  const visit = (rule: Rule): void => {
    for (const inner of subRulesOf(rule)) visit(inner)
    if (subRulesOf(rule).length === 0 || !readsOnlyRules(rule)) found.add(rule)
  }
  visit(outermost)
  return [...found]
}
