/** `inferno trace`: every step of one record of a file. */
import {excerptOf, UserError} from '../base/index.ts'
import {recordJson, type Trace, type TracedStep, traceRecord} from '../engine/index.ts'
import {type Cell, compilePlan, type Params} from '../rules/index.ts'
import {cellText} from '../sinks/index.ts'
import {findInputs, readRecords, resolverOf} from '../worker/index.ts'
import {inputPatterns, type RuleTarget} from './run/index.ts'

export interface TraceResult {
  readonly rule: string
  readonly file: string
  readonly line: number
  readonly trace: Trace | undefined
  /** Set when the line holds no record: why. */
  readonly unreadable: {readonly reason: string; readonly detail: string | undefined; readonly text: string} | undefined
}

/** @throws UserError INPUT_NOT_FOUND when the input has no such line */
export async function traceLine(
  target: RuleTarget,
  given: readonly string[],
  params: Params,
  line: number,
): Promise<TraceResult> {
  const {rule, module, keyset} = target
  const {plan} = compilePlan(rule, {module: module.name, ...(keyset === undefined ? {} : {keyset})})
  const format = plan.format
  if (format.format === 'custom' || plan.map !== null) {
    throw new UserError(
      'BAD_RULE',
      `${plan.rule} has a reader or map function of its own, which cannot be traced step by step`,
      {
        hint: 'run it on a few records: inferno run … --sample 5',
      },
    )
  }
  const [input] = findInputs(inputPatterns(rule, given, params)).files
  if (!input)
    throw new UserError('INPUT_NOT_FOUND', 'there is no input', {
      hint: 'name a file with --input',
      exitCode: 2,
    })
  const all = {...rule.options.params, ...params}
  let last = 0
  for await (const item of readRecords(input, format)) {
    last = item.line
    if (item.line < line) continue
    const found = {rule: plan.rule, file: input.name, line: item.line}
    if (item.type === 'record')
      return {...found, trace: traceRecord(plan, all, resolverOf(rule), item.parts), unreadable: undefined}
    if (item.type === 'bad')
      return {...found, trace: undefined, unreadable: {reason: item.reason, detail: item.detail, text: item.text}}
    const reason = item.kind === 'blank' ? 'the line is blank' : 'the line holds no JSON object'
    return {...found, trace: undefined, unreadable: {reason, detail: undefined, text: ''}}
  }
  throw new UserError('INPUT_NOT_FOUND', `${input.name} has no line ${line}; its last record is on line ${last}`, {
    exitCode: 2,
  })
}

/** For people; safe to print. */
export function traceText({rule, file, line, trace, unreadable}: TraceResult): string {
  const head = `${rule}  ${file}:${line}`
  if (unreadable) {
    const detail = unreadable.detail === undefined ? '' : ` (${excerptOf(unreadable.detail)})`
    return `${head}\n  no record: ${unreadable.reason}${detail}\n  ${excerptOf(unreadable.text)}\n`
  }
  if (!trace) return `${head}\n`
  const lines = [head, `record      ${show(trace.record)}`, ...stepLines(trace.steps, '')]
  for (const fields of trace.transforms) {
    for (const field of fields) {
      const after =
        field.error === undefined ? show(field.after) : `threw ${excerptOf(field.error)}: the part is dropped`
      lines.push(`transform   ${field.field}: ${show(field.before)} → ${after}   (${field.label})`)
    }
  }
  for (const keyset of trace.keysets) {
    lines.push(`keyset      ${keyset.name}`, ...stepLines(keyset.steps, '  '))
    if (keyset.pairs.length === 0) lines.push('  nothing reaches this keyset')
    for (const pair of keyset.pairs) {
      const key =
        pair.key === null
          ? `dropped: ${pair.missing} is missing or null`
          : pair.key.map(part => JSON.stringify(part)).join(', ')
      lines.push(`  key       ${excerptOf(key)}`)
      if (pair.key === null) continue
      for (const value of pair.values) {
        const note = value.isUsable ? '' : '   not usable, counted as a coercion'
        lines.push(
          `  value     ${value.column}: ${show(value.found)} → ${excerptOf(cellText(value.counts as Cell))}${note}`,
        )
      }
    }
  }
  return `${lines.join('\n')}\n`
}

function stepLines(steps: readonly TracedStep[], indent: string): string[] {
  return steps.flatMap(step => {
    if (step.error !== undefined)
      return [`${indent}step        ${step.label}`, `${indent}  threw ${excerptOf(step.error)}: nothing goes on`]
    if (step.parts.length === 0) return [`${indent}step        ${step.label}`, `${indent}  filtered out`]
    return [`${indent}step        ${step.label}`, ...step.parts.map(part => `${indent}  ${show(part)}`)]
  })
}

function show(value: unknown): string {
  return value === undefined ? '(absent)' : excerptOf(recordJson(value), 300)
}
