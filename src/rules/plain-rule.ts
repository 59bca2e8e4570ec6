/**
 * Rules that checking has nothing to say about, told by a look at them: the options that most rules are made of, as they are meant.
 *
 * What checks all of them (check-rule.ts) takes 15 ms to load and to set up its schema, a fifth of a small run. A rule that is not
 * plain is no worse for it: it is checked. So whatever this is not certain of is not plain.
 */
import type {CheckContext} from './check-rule.ts'
import {distinctExactUpToMax, topKMax} from './limits.ts'
import {formatNames, isHook, isName, isPlainObject, isStepOrHook, tagPattern} from './plain-values.ts'
import type {Rule} from './types.ts'

type Test = (value: unknown) => boolean

/**
 * Checks a rule like `assertRule`, which is loaded only for a rule that is not plain.
 *
 * @throws UserError BAD_RULE with all problems, one a line
 */
export async function assertLoadedRule(rule: Rule, context: CheckContext = {}): Promise<void> {
  if (isPlainRule(rule)) return
  const {assertRule} = await import('./check-rule.ts')
  assertRule(rule, context)
}

/** True only for rules in which `checkRule` finds nothing. */
export function isPlainRule({options}: Rule): boolean {
  if (!hasOnly(options, ruleTests)) return false
  const {name, keysets, examples = []} = options as {name: unknown; keysets?: object; examples?: readonly unknown[]}
  if (name === undefined) return false
  const names = keysets === undefined ? undefined : Object.keys(keysets)
  const isTableKnown = names === undefined ? hasParts(options) : names.every(isName) && names.length > 0
  const besideKeysets = Object.keys(keysetTests).some(option => Object.hasOwn(options, option))
  return isTableKnown && !(names !== undefined && besideKeysets) && examples.every(example => fits(example, names))
}

/** The rows of an example are those of one table, or of some by name. */
function fits(example: unknown, keysets: readonly string[] = ['_default']): boolean {
  const {rows} = example as {rows: unknown}
  return Array.isArray(rows) ? keysets.length < 2 : Object.keys(Object(rows)).every(name => keysets.includes(name))
}

function hasParts({
  keyParts = [],
  valueParts = [],
}: {
  readonly keyParts?: unknown
  readonly valueParts?: unknown
}): boolean {
  return Object.keys(Object(keyParts)).length + Object.keys(Object(valueParts)).length > 0
}

/**
 * An object that has no member but those that have a test, all of them passed. What is undefined is as good as left out; what an
 * object inherits would count as well.
 */
function hasOnly(value: unknown, tests: Readonly<Record<string, Test>>): value is Readonly<Record<string, unknown>> {
  if (!isPlainObject(value) || Object.getPrototypeOf(value) !== Object.prototype) return false
  return Object.entries(value).every(
    ([name, member]) => Object.hasOwn(tests, name) && (member === undefined || tests[name]!(member)),
  )
}

const isText: Test = value => typeof value === 'string'
const isField: Test = value => typeof value === 'string' && value !== ''
const isCount =
  (max: number): Test =>
  value =>
    Number.isInteger(value) && Number(value) >= 1 && Number(value) <= max
const isTag: Test = value => typeof value === 'string' && tagPattern.test(value)
// Places that nothing stands in have to be asked as well.
const isListOf =
  (test: Test): Test =>
  value =>
    Array.isArray(value) && Array.from(value).every(test)
// An object with a member `constructor` is no map to the schema.
const isMapOf =
  (test: Test): Test =>
  value =>
    isPlainObject(value) && !Object.hasOwn(value, 'constructor') && Object.values(value).every(test)

const aggregateTests: Readonly<Record<string, Readonly<Record<string, Test>>>> = {
  sum: {absent: value => value === 0 || value === 1},
  min: {},
  max: {},
  avg: {},
  stddev: {},
  first: {by: isField},
  last: {by: isField},
  distinct: {exactUpTo: isCount(distinctExactUpToMax)},
  quantile: {q: value => typeof value === 'number' && value >= 0 && value <= 1},
  topK: {k: isCount(topKMax)},
}

function isAggregate(value: unknown): boolean {
  if (!isPlainObject(value) || Object.keys(value).length !== 2 || value['kind'] !== 'aggregate') return false
  const node = value['node']
  if (!isPlainObject(node)) return false
  const {aggregate, field, ...rest} = node
  if (aggregate === 'count') return (field === null || isField(field)) && Object.keys(rest).length === 0
  const tests = Object.hasOwn(aggregateTests, String(aggregate)) ? aggregateTests[String(aggregate)]! : undefined
  return (
    tests !== undefined &&
    isField(field) &&
    Object.keys(rest).length === Object.keys(tests).length &&
    Object.entries(tests).every(([name, test]) => test(rest[name]))
  )
}

function isDerived(value: unknown): boolean {
  return isPlainObject(value) && value['kind'] === 'derived' && isField(value['name']) && isField(value['field'])
}

function isJson(value: unknown): boolean {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true
  return typeof value === 'number' ? Number.isFinite(value) : isListOf(isJson)(value) || isMapOf(isJson)(value)
}

const isTransform: Test = value => isStepOrHook('transform', value)
const isSteps = isListOf(value => isStepOrHook('step', value))
const isRows = isListOf(isListOf(isJson))

/** Options of a keyset, and of a rule that has one table. */
const keysetTests: Readonly<Record<string, Test>> = {
  keyParts: isListOf(part => isField(part) || isDerived(part)),
  valueParts: value => isListOf(isField)(value) || isMapOf(isAggregate)(value),
  columnMappings: isMapOf(isText),
  partsPostprocess: isListOf(isHook),
}

const exampleTests: Readonly<Record<string, Test>> = {
  name: isField,
  input: value => isText(value) || isListOf(line => isText(line) || isPlainObject(line))(value),
  params: isPlainObject,
  rows: value => isRows(value) || isMapOf(isRows)(value),
  bad: value => Number.isSafeInteger(value) && Number(value) >= 0,
}

function isExample(value: unknown): boolean {
  return hasOnly(value, exampleTests) && value['input'] !== undefined && value['rows'] !== undefined
}

const csvTests: Readonly<Record<string, Test>> = {
  type: value => value === 'csv',
  fields: value => value === 'header' || (isListOf(isField)(value) && (value as unknown[]).length > 0),
}

function isFormat(value: unknown): boolean {
  if (isPlainObject(value)) return hasOnly(value, csvTests) && value['type'] !== undefined
  return (formatNames as readonly unknown[]).includes(value)
}

const ruleTests: Readonly<Record<string, Test>> = {
  name: isName,
  description: isText,
  format: isFormat,
  fields: isListOf(isField),
  params: isPlainObject,
  sourceTags: value => isTag(value) || isListOf(isTag)(value),
  partsPreprocess: isSteps,
  fieldTransforms: isMapOf(value => isTransform(value) || isListOf(isTransform)(value)),
  ...keysetTests,
  keysets: isMapOf(keyset => hasOnly(keyset, {...keysetTests, partsPreprocess: isSteps}) && hasParts(Object(keyset))),
  examples: isListOf(isExample),
}
