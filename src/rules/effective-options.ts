/** The options of a rule as they act, defaults included, for people. */
import {excerptOf} from '../base/index.ts'
import {isRule} from './define-rule.ts'
import {isNamedReader} from './named-readers.ts'
import {type OptionGroup, ruleOptions} from './options.ts'
import {describeFound} from './rule-problem.ts'
import {shownSink} from './sink-target.ts'
import {isSortedReduce} from './sorted-reduce.ts'
import {describeStep, describeTransform} from './steps/index.ts'
import {
  type Aggregate,
  type Derived,
  type PreprocessStep,
  planNode,
  type Rule,
  type RuleSink,
  type TransformStep,
} from './types.ts'

export interface EffectiveOption {
  readonly name: string
  readonly group: OptionGroup
  /** One line, safe to print. */
  readonly value: string
  /** Said by the rule; else the value is the default. */
  readonly isSet: boolean
  /** Acts on tags, jobs and the daemon; a run over files takes no notice. */
  readonly isClusterOnly: boolean
}

const valueCharsMax = 300
/** Never shown: who can read a screen or a log need not be able to send alarms. */
const secretOptions: readonly string[] = ['notifyPagerdutyKey', 'notifyWebhook']

/**
 * Every option that may stand in this rule with the value that holds. With `keysets`, the options of its keysets are left
 * out: the plan shows them.
 */
export function effectiveOptions(rule: Rule): EffectiveOption[] {
  const options = rule.options as unknown as Readonly<Record<string, unknown>>
  const hasKeysets = options.keysets !== undefined
  return ruleOptions
    .filter(({name, place, group}) => place !== 'keyset' && !(hasKeysets && group === 'keyset' && name !== 'keysets'))
    .map(({name, group, isClusterOnly, default: standard}) => {
      const value = options[name]
      const isSet = value !== undefined
      const text = !isSet
        ? standard
        : secretOptions.includes(name)
          ? '(hidden)'
          : excerptOf(name === 'sink' ? showSink(value) : show(name, value), valueCharsMax)
      return {name, group, value: text, isSet, isClusterOnly}
    })
}

function show(name: string, value: unknown): string {
  if (name === 'keysets') return Object.keys(value as object).join(', ')
  if (name === 'examples' && Array.isArray(value)) return value.length === 1 ? '1 example' : `${value.length} examples`
  return showValue(value)
}

/** Its address can hold a password. */
function showSink(sink: unknown): string {
  if (typeof sink === 'string') return shownSink(sink)
  return showValue({...(sink as RuleSink), to: shownSink((sink as RuleSink).to)})
}

function showValue(value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'function') return showFunction(value)
  if (typeof value !== 'object' || value === null) return String(value)
  if (Array.isArray(value)) return `[${value.map(showValue).join(', ')}]`
  if (isRule(value)) return `the rule ${value.options.name}`
  if (isNamedReader(value)) return value.format
  const kind = (value as {kind?: unknown}).kind
  if (kind === 'derived') return showDerived(value as Derived)
  if (kind === 'aggregate') return showAggregate(value as Aggregate)
  return `{${Object.entries(value)
    .map(([name, inner]) => `${name}: ${showValue(inner)}`)
    .join(', ')}}`
}

function showFunction(value: object): string {
  if (isSortedReduce(value)) return 'sortedReduce'
  const node = (value as Partial<PreprocessStep | TransformStep>)[planNode]
  if (node === undefined) return describeFound(value)
  return 'step' in node ? describeStep(node) : describeTransform(node)
}

function showDerived({name, field, transforms}: Derived): string {
  return `${name} = ${[field, ...transforms.map(describeTransform)].join(' | ')}`
}

/** `quantile(ms, 0.95)`: the field first, then what else the aggregate was given. */
function showAggregate({node}: Aggregate): string {
  const {aggregate, field, ...rest} = node as {aggregate: string; field: string | null; [other: string]: unknown}
  const {absent: _absent, ...shown} = rest
  return `${aggregate}(${[field ?? '', ...Object.values(shown).map(showValue)].filter(text => text !== '').join(', ')})`
}
