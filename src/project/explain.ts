/** `inferno explain`: what a rule does, step by step, what runs it and why. */
import {basename} from 'node:path'
import {chooseEngine, fieldsForFunctions, needsPairs} from '../engine/index.ts'
import {
  type AggregateNode,
  compilePlan,
  describeStep,
  describeTransform,
  type EffectiveOption,
  effectiveOptions,
  type FunctionRef,
  type KeysetPlan,
  type Params,
  type Plan,
  planHash,
  recordFunctions,
  type StepNode,
  subRulesOf,
  type TransformNode,
} from '../rules/index.ts'
import {type ExplainedPattern, explainPatterns, patternLines} from './explain-patterns.ts'
import type {RuleTarget} from './run/index.ts'

export interface Explanation {
  readonly rule: string
  readonly file: string
  readonly line: number | undefined
  readonly description: string | undefined
  readonly planHash: string
  readonly plan: Plan
  /** Options the rule sets. */
  readonly options: readonly EffectiveOption[]
  /** Modules that loading the rule read, beside the rule file. */
  readonly modules: readonly string[]
  readonly subRules: readonly string[]
  /** Its regular expressions, and what searches for them. */
  readonly patterns: readonly ExplainedPattern[]
  readonly engine: {readonly name: 'kernel' | 'kernel and row' | 'row'; readonly reasons: readonly string[]}
}

/**
 * Made from the plan alone: nothing is run, no input is looked at. The engine is the one for the rule's own parameters.
 *
 * @throws UserError RULE_NOT_FOUND as `compilePlan` does
 */
export function explainRule({rule, module, keyset}: RuleTarget): Explanation {
  const {plan} = compilePlan(rule, {module: module.name, ...(keyset === undefined ? {} : {keyset})})
  return {
    rule: plan.rule,
    file: module.file,
    line: rule.definedAt?.line,
    description: rule.options.description,
    planHash: planHash(plan),
    plan,
    options: effectiveOptions(rule).filter(option => option.isSet),
    modules: module.modulesRead.filter(path => path !== module.file),
    subRules: subRulesOf(rule).map(({options}) => options.name),
    patterns: explainPatterns(plan),
    engine: engineOf(plan, rule.options.params ?? {}),
  }
}

/** What scans the rule and why; what runs after the scan in any case. */
function engineOf(plan: Plan, params: Params): Explanation['engine'] {
  const chosen = chooseEngine(plan, params)
  const functions = functionRefs(plan).map(
    ref => `${ref.hook}${ref.name === '' ? '' : ` (${ref.name})`} is a function of the rule`,
  )
  if (chosen.engine === 'kernel' && chosen.rest === undefined) {
    return {
      name: 'kernel',
      reasons: ['every step of the scan is known to it', ...functions.map(text => `${text} and runs after the scan`)],
    }
  }
  const pairs = needsPairs(plan)
    ? ['functions of the rule take part in map, combine, partition or reduce: pairs are sorted instead of hashed']
    : []
  const seen = fieldsForFunctions(plan)
  const sight =
    recordFunctions(plan).length === 0 || seen === undefined
      ? []
      : [`functions see these fields of a record and no others: ${listed(seen)}`]
  if (chosen.engine === 'kernel') {
    const stepsDone = chosen.plan.records?.stepsDone ?? 0
    const filter = stepsDone === 0 ? '' : stepsDone === 1 ? ', applies the first step' : `, applies ${stepsDone} steps`
    return {
      name: 'kernel and row',
      reasons: [
        `the kernel reads and checks every line${filter} and hands on the fields that are needed; the row evaluator does the rest`,
        `because ${chosen.rest}`,
        ...sight,
        ...pairs,
        ...functions,
      ],
    }
  }
  return {name: 'row', reasons: [`the kernel cannot scan it: ${chosen.reason}`, ...sight, ...pairs, ...functions]}
}

function listed(fields: readonly string[]): string {
  return fields.length === 0 ? '(none)' : fields.join(', ')
}

function functionRefs(plan: Plan): FunctionRef[] {
  const ofSteps = (steps: readonly StepNode[]): FunctionRef[] => steps.filter(step => step.step === 'function')
  const ofTransforms = (chain: readonly TransformNode[]): FunctionRef[] =>
    chain.flatMap(node => (node.transform === 'function' ? [node.ref] : []))
  return [
    ...ofSteps(plan.steps),
    ...plan.transforms.flatMap(({chain}) => ofTransforms(chain)),
    ...plan.keysets.flatMap(({steps, keyParts, postprocess}) => [
      ...ofSteps(steps),
      ...keyParts.flatMap(part => ofTransforms(part.transforms)),
      ...postprocess,
    ]),
  ]
}

const engineNames: Readonly<Record<Explanation['engine']['name'], string>> = {
  kernel: 'WebAssembly kernel',
  'kernel and row': 'WebAssembly kernel, then row evaluator',
  row: 'row evaluator',
}

/** `inferno explain` for people. */
export function explainText(explanation: Explanation): string {
  const {rule, file, line, description, plan, options, modules, subRules, engine} = explanation
  const lines = [
    `${rule}   ${basename(file)}${line === undefined ? '' : `:${line}`}   plan ${explanation.planHash.slice(0, 12)}`,
    ...(description === undefined ? [] : [description]),
    '',
    `reads       ${formatText(plan)}`,
    ...subRules.map(name => `            the rows of ${name}, run first`),
    ...plan.steps.map((step, index) => `${index === 0 ? 'preprocess' : '          '}  ${stepText(step)}`),
    ...plan.transforms.map(
      ({field, chain}, index) =>
        `${index === 0 ? 'transforms' : '          '}  ${field}: ${chain.map(describeTransform).join(', then ')}`,
    ),
    ...mapLines(plan),
    ...plan.keysets.flatMap(keysetLines),
    '',
    `engine      ${engineNames[engine.name]}`,
    ...engine.reasons.map(reason => `            ${reason}`),
    ...patternLines(explanation.patterns),
    ...(modules.length === 0
      ? []
      : ['', ...modules.map((path, index) => `${index === 0 ? 'modules   ' : '          '}  ${path}`)]),
    ...optionLines(options),
  ]
  return `${lines.join('\n')}\n`
}

function formatText({format}: Plan): string {
  switch (format.format) {
    case 'csv':
    case 'dynamic': {
      const names =
        format.fields === 'header'
          ? 'names in the first record'
          : format.fields === null
            ? 'columns 0, 1, 2 …'
            : `columns ${format.fields.join(', ')}`
      return `${format.format}, delimiter ${JSON.stringify(format.delimiter)}, ${names}`
    }
    case 'regex':
      return `lines that match /${format.pattern}/`
    case 'custom':
      return `by the rule's own reader ${format.ref.name}`
    default:
      return format.format
  }
}

function stepText(step: StepNode): string {
  return step.step === 'function' ? `${step.name || '(function)'}   at ${step.hook}` : describeStep(step)
}

function mapLines(plan: Plan): string[] {
  const lines: string[] = []
  if (plan.map !== null)
    lines.push(`map         ${plan.map === 'pairs' ? 'none: records are pairs' : plan.map.name || 'mapFunction'}`)
  if (plan.combiner !== null) lines.push(`combine     ${plan.combiner.name || 'combinerFunction'}`)
  if (plan.partitioner !== null)
    lines.push(`partition   ${plan.partitioner.name || 'partitionFunction'} into ${plan.partitions}`)
  if (plan.reduce !== null)
    lines.push(`reduce      ${plan.reduce === 'sorted' ? 'sortedReduce' : plan.reduce.name || 'reduceFunction'}`)
  return lines
}

function keysetLines(keyset: KeysetPlan): string[] {
  const keys = keyset.keyParts.map(part => {
    const chain = part.transforms.map(describeTransform).join(', then ')
    const source =
      part.field === part.name && chain === '' ? '' : ` = ${[part.field, chain].filter(text => text !== '').join(', ')}`
    return `${part.name}${source}`
  })
  return [
    '',
    `keyset      ${keyset.name}${keyset.table === null ? '' : `   table ${keyset.table}`}`,
    ...keyset.steps.map(step => `  preprocess  ${stepText(step)}`),
    `  keys      ${keys.length === 0 ? '(none: one row for all)' : keys.join(', ')}`,
    `  values    ${keyset.values.length === 0 ? '(none: the distinct keys)' : keyset.values.map(valueText).join(', ')}`,
    ...keyset.postprocess.map(ref => `  postprocess ${ref.name || '(function)'}   at ${ref.hook}`),
    `  header    ${[...keyset.columns, ...keyset.extraColumns].join(', ')}`,
  ]
}

function valueText(node: AggregateNode): string {
  const {column, aggregate, field, ...rest} = node
  if (aggregate === 'sum' && 'absent' in rest) {
    const what = rest.absent === 1 ? `sum(${field}), 1 where it is absent` : `sum(${field})`
    return column === field && rest.absent === 0 ? what : `${column} = ${what}`
  }
  const extras = Object.values(rest).map(value => JSON.stringify(value))
  return `${column} = ${aggregate}(${[field ?? '', ...extras].filter(text => text !== '').join(', ')})`
}

function optionLines(options: readonly EffectiveOption[]): string[] {
  const waiting = options.filter(option => option.isClusterOnly)
  if (waiting.length === 0) return []
  return [
    '',
    'for tags, schedule and archive (they act on the cluster, not on a run over files):',
    ...waiting.map(({name, value}) => `            ${name}: ${value}`),
  ]
}
