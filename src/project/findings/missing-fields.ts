/** Fields that a rule reads and no record has: what the first records hold, compared with what the rule reads. */
import {nearest, printable} from '../../base/index.ts'
import {
  type AggregateNode,
  type FormatNode,
  fieldsOfStep,
  type KeyPartNode,
  type Parts,
  type Plan,
} from '../../rules/index.ts'
import {type InputFile, readRecords} from '../../worker/index.ts'
import {inferFile} from '../infer/infer-file.ts'
import {type InferredField, isObjectList} from '../infer/inferred-field.ts'
import {missingFieldRecordCountMax, namesShownMax} from '../limits.ts'

/** A field as far as it matters here. */
export type SeenField = Pick<InferredField, 'name' | 'type' | 'role' | 'examples'>

/** What the first records of an input hold. */
export interface FirstRecords {
  readonly fields: readonly SeenField[]
  readonly count: number
  /** Whose they are, where they are not those of an input: `rows of users.per_day`. */
  readonly owner?: string
}

/** Whether the fields that a plan reads are those of records, or made by steps that say which they make. */
export function areFieldsKnown({map, format, steps, keysets}: Plan): boolean {
  const all = [...steps, ...keysets.flatMap(keyset => keyset.steps)]
  return map === null && format.format !== 'custom' && !all.some(step => step.step === 'function')
}

/** @returns undefined when there is no record, or a function reads them */
export async function readFirst(file: InputFile, format: FormatNode): Promise<FirstRecords | undefined> {
  if (format.format === 'custom') return undefined
  const {fields, records} = await inferFile(firstRecords(readRecords(file, format)), {
    fileName: file.name,
    format,
    leavesText: true,
  })
  return records === 0 ? undefined : {fields, count: records}
}

/** Why no record had a key. @returns lines for people, safe to print */
export function missingKeyLines(plan: Plan, {fields, count, owner}: FirstRecords): string[] {
  const made = namesMadeBy(plan)
  const parts = plan.keysets.flatMap(({keyParts}) => keyParts).filter(({field}) => !made.has(field))
  const names = fields.map(({name}) => name)
  const unknown = [...new Set(parts.map(({field}) => field))].filter(field => !isThere(field, names))
  const first = count === 1 ? 'the first record has' : `the first ${count} records have`
  const have = owner === undefined ? first : `the ${printable(owner)} have`
  const lines = unknown.map(field => `${have} no ${quoted(field)}${guess(field, names)}`)
  if (unknown.length > 0) {
    lines.push(`they have: ${listed(names)}`)
    lines.push(
      ...fields
        .filter(isObjectList)
        .slice(0, 1)
        .map(({name}) => listLine(name, unknown[0]!)),
    )
  }
  return [...lines, ...parts.flatMap(part => unusableLine(part, fields)), ...wrappedLine(plan, fields, names, parts)]
}

/** A field of which the JSON is still text, where a key is not found outside of it. */
function wrappedLine(
  {steps}: Plan,
  fields: readonly SeenField[],
  names: readonly string[],
  parts: readonly KeyPartNode[],
): string[] {
  const parsed = new Set(steps.flatMap(step => (step.step === 'parseJson' ? [step.field] : [])))
  const wrap = fields.find(({name, examples}) => !parsed.has(name) && examples.some(text => /^\s*\{\s*"/.test(text)))
  const field = parts.find(part => !names.includes(part.field))?.field
  if (wrap === undefined || field === undefined) return []
  const name = quoted(wrap.name)
  const path = field.startsWith(`${wrap.name}.`) ? field : `${wrap.name}.${field}`
  return [
    `${name} is text that holds JSON: parseJson(${name}), --parse-json of a query, reads it, perhaps with ${quoted(path)}`,
  ]
}

function listLine(list: string, field: string): string {
  const path = printable(`${list}.${field}`)
  return `${quoted(list)} is a list of objects: explode(${quoted(list)}), --explode of a query, makes records of them, with "${path}"`
}

/** Whether any column is made of a field of records. */
export function readsValues({keysets}: Plan): boolean {
  return keysets.some(({values}) => values.some(node => valueField(node) !== undefined))
}

/** Fields of values that the first records lack: perhaps others have them. */
export function valuesLacking(plan: Plan, {fields}: FirstRecords): string[] {
  const made = namesMadeBy(plan)
  const names = fields.map(({name}) => name)
  const read = plan.keysets.flatMap(({values}) => values).flatMap(node => valueField(node) ?? [])
  return [...new Set(read)].filter(field => !made.has(field) && !isThere(field, names))
}

/** @param missing - of `valuesLacking`, what no record has @returns lines for people, safe to print */
export function missingValueLines(plan: Plan, {fields}: FirstRecords, missing: readonly string[]): string[] {
  const names = fields.map(({name}) => name)
  const lines = missing.map(field => {
    const columns = plan.keysets.flatMap(({values}) => values).filter(node => valueField(node) === field)
    const told = [...new Set(columns.map(node => `column ${quoted(node.column)} is ${emptyAs(node)}`))].join(', ')
    return `no record has ${quoted(field)}: ${told} in all rows${guess(field, names)}`
  })
  return lines.length === 0 ? [] : [...lines, `records have: ${listed(names)}`]
}

/** Fields that steps read and the first records lack: perhaps others have them. */
export function stepFieldsLacking(plan: Plan, {fields}: FirstRecords): string[] {
  const made = namesMadeBy(plan)
  const names = fields.map(({name}) => name)
  const read = [...stepReaders(plan).keys()]
  return read.filter(field => !made.has(field) && !isThere(field, names))
}

/** @param missing - of `stepFieldsLacking`, what no record has @returns lines for people, safe to print */
export function missingStepLines(plan: Plan, {fields}: FirstRecords, missing: readonly string[]): string[] {
  const names = fields.map(({name}) => name)
  const readers = stepReaders(plan)
  const lines = missing.map(
    field => `no record has ${quoted(field)}, which ${readers.get(field) ?? 'a step'} reads${guess(field, names)}`,
  )
  return lines.length === 0 ? [] : [...lines, `records have: ${listed(names)}`]
}

/** Each field that a step reads, with the first step that does. */
function stepReaders({steps, keysets}: Plan): ReadonlyMap<string, string> {
  const readers = new Map<string, string>()
  for (const step of [...steps, ...keysets.flatMap(keyset => keyset.steps)]) {
    for (const field of fieldsOfStep(step)) if (!readers.has(field)) readers.set(field, step.step)
  }
  return readers
}

/** undefined: records without a field count, or none is read. */
function valueField(node: AggregateNode): string | undefined {
  if (node.field === null || node.field === '_keyset') return undefined
  return node.aggregate === 'sum' && node.absent === 1 ? undefined : node.field
}

const emptyAs = ({aggregate}: AggregateNode): string =>
  aggregate === 'sum' || aggregate === 'count' || aggregate === 'distinct' ? '0' : 'empty'

function namesMadeBy({steps, keysets}: Plan): ReadonlySet<string> {
  return new Set([...steps, ...keysets.flatMap(keyset => keyset.steps)].flatMap(namesMade))
}

function namesMade(step: Plan['steps'][number]): readonly string[] {
  switch (step.step) {
    case 'derive':
      return step.fields.map(({name}) => name)
    case 'explode':
    case 'splitWords':
    case 'parseJson':
      // A transform in place makes no new field.
      return step.as === step.field ? [] : [step.as]
    case 'lookup':
      return step.columns.map(({as}) => as)
    default:
      return []
  }
}

async function* firstRecords(items: ReturnType<typeof readRecords>): AsyncGenerator<Parts> {
  let count = 0
  for await (const item of items) {
    if (item.type === 'record') yield item.parts
    if (++count === missingFieldRecordCountMax) return
  }
}

/** A path may end in the middle (an object) or go on into a list. */
function isThere(path: string, names: readonly string[]): boolean {
  return names.some(name => name === path || name.startsWith(`${path}.`) || path.startsWith(`${name}.`))
}

function guess(field: string, names: readonly string[]): string {
  const name = nearest(field, names)
  return name === undefined ? '' : `; is it ${quoted(name)}?`
}

/** A field that is there and of which its transforms make nothing. */
function unusableLine({field, name, transforms}: KeyPartNode, fields: readonly SeenField[]): string[] {
  const example = fields.find(each => each.name === field)?.examples[0]
  const last = transforms.at(-1)
  if (example === undefined || last === undefined || last.transform === 'function') return []
  return [`${quoted(field)} is there, such as ${quoted(example)}; ${last.transform} makes no ${quoted(name)} of it`]
}

function quoted(text: string): string {
  return printable(JSON.stringify(text))
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, namesShownMax).map(printable).join(', ')
  return names.length > namesShownMax ? `${shown} and ${names.length - namesShownMax} more` : shown
}
