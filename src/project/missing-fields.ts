/** Why no record of an input had a key: what the first records hold, compared with what the rule reads. */
import {nearest, printable} from '../base/index.ts'
import type {KeyPartNode, Parts, Plan} from '../rules/index.ts'
import {findInputs, readRecords} from '../worker/index.ts'
import {inferFile} from './infer/infer-file.ts'
import type {InferredField} from './infer/inferred-field.ts'
import {missingFieldRecordCountMax, namesShownMax} from './limits.ts'

/**
 * @param inputs - as they were named; the first file is looked at
 * @returns lines for people, safe to print; none for what cannot be read twice, or when functions make the fields
 * @throws what reading throws
 */
export async function missingFieldLines(plan: Plan, inputs: readonly string[]): Promise<string[]> {
  const {format} = plan
  if (plan.map !== null || format.format === 'custom' || plan.steps.some(makesAnyField)) return []
  const [file] = findInputs(inputs.filter(input => input !== '-')).files
  if (file?.path === undefined || file.bytes === undefined) return []
  const {fields, records} = await inferFile(firstRecords(readRecords(file, format)), {fileName: file.name, format})
  if (records === 0) return []
  const made = new Set(plan.steps.flatMap(namesMade))
  const parts = plan.keysets.flatMap(({keyParts}) => keyParts).filter(({field}) => !made.has(field))
  const names = fields.map(({name}) => name)
  const unknown = [...new Set(parts.map(({field}) => field))].filter(field => !isThere(field, names))
  const count = records === 1 ? 'the first record has' : `the first ${records} records have`
  const lines = unknown.map(field => `${count} no ${quoted(field)}${guess(field, names)}`)
  if (unknown.length > 0) lines.push(`they have: ${listed(names)}`)
  return [...lines, ...parts.flatMap(part => unusableLine(part, fields))]
}

function makesAnyField(step: Plan['steps'][number]): boolean {
  return step.step === 'function'
}

function namesMade(step: Plan['steps'][number]): readonly string[] {
  switch (step.step) {
    case 'derive':
      return step.fields.map(({name}) => name)
    case 'explode':
    case 'splitWords':
      return [step.as]
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
function unusableLine({field, name, transforms}: KeyPartNode, fields: readonly InferredField[]): string[] {
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
