/** A first rule as the text of a rule file. */
import {printable} from '../../base/index.ts'
import {propertyName, quoted} from '../source-text.ts'
import type {InferOptions} from './infer-file.ts'
import {hoursSpanned, type InferredField, isObjectList} from './inferred-field.ts'

/** Key parts of the proposed keyset: two make a table that is still read at a glance. */
const ruleKeyCountMax = 2
/** Value parts proposed beside the count. */
const ruleValueCountMax = 6
/** Timestamps that span more hours than this are grouped by day, else by hour. */
const hoursByHourMax = 72

export interface SourceOptions extends InferOptions {
  /** Fields whose text is read as JSON. */
  readonly wrapped: readonly string[]
}

/**
 * Writes a rule that groups by the most telling keys, counts, and adds up the values; with a timestamp also by hour or day.
 *
 * All names come from data: they appear as quoted literals, or made harmless in comments.
 */
export function ruleSource(fields: readonly InferredField[], keys: readonly string[], options: SourceOptions): string {
  const time = fields.find(field => field.role === 'time' && field.nullShare < 0.5)
  const groupBy = keys.slice(0, ruleKeyCountMax)
  const values = valueLines(fields)
  const imports = ['count', 'defineRule', ...(values.length > 1 ? ['sum'] : [])]
  const byTime = time === undefined ? undefined : timePart(time)
  if (byTime !== undefined) imports.push(byTime.builder)
  if (options.wrapped.length > 0) imports.push('parseJson')
  if (options.lastDay !== undefined) imports.push('withYear')
  return [
    `import {${imports.sort().join(', ')}} from 'disco-inferno'`,
    '',
    ...fieldComment(fields),
    ...listComment(fields),
    'export default defineRule({',
    `  name: ${quoted(options.ruleName ?? nameFrom(options.fileName))},`,
    `  description: ${quoted(`A first look at ${printable(baseName(options.fileName))}`)},`,
    `  format: ${formatSource(options.format)},`,
    ...readingLines(options),
    ...(byTime === undefined ? keysetLines(groupBy.map(quoted), values, '  ') : keysets(groupBy, byTime, values)),
    '})',
    '',
  ].join('\n')
}

/** What makes of a record as it was written what its fields are named after. */
function readingLines({wrapped, lastDay}: SourceOptions): string[] {
  const steps = wrapped.map(field => `parseJson(${quoted(field)})`).join(', ')
  return [
    ...(steps === '' ? [] : [`  partsPreprocess: [${steps}],`]),
    ...(lastDay === undefined
      ? []
      : [
          '  // Times have no year: they are taken for those up to this day.',
          `  fieldTransforms: {time: withYear(${quoted(lastDay)})},`,
        ]),
  ]
}

/** A name that can be typed on a command line. */
function nameFrom(fileName: string): string {
  const stem = baseName(fileName).replace(/\..*$/, '')
  const name = stem
    .replace(/[^A-Za-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .toLowerCase()
  return /^[a-z]/.test(name) ? name : `rule_${name}`.replace(/_$/, '')
}

function baseName(path: string): string {
  return path.replace(/^.*[\\/]/s, '')
}

function timePart(field: InferredField): {readonly builder: 'hour' | 'day'; readonly source: string} {
  const builder = (hoursSpanned(field) ?? 0) > hoursByHourMax ? 'day' : 'hour'
  return {builder, source: `${builder}(${quoted(field.name)})`}
}

function keysets(groupBy: readonly string[], byTime: ReturnType<typeof timePart>, values: readonly string[]): string[] {
  // Without a good key the time alone is the question.
  if (groupBy.length === 0) return keysetLines([byTime.source], values, '  ')
  const first = `by_${groupBy.map(name => name.replace(/[^A-Za-z0-9]+/g, '_')).join('_and_')}`
  return [
    '  keysets: {',
    `    ${propertyName(first)}: {`,
    ...keysetLines(groupBy.map(quoted), values, '      '),
    '    },',
    `    ${first === `by_${byTime.builder}` ? 'by_time' : `by_${byTime.builder}`}: {`,
    ...keysetLines([byTime.source], values, '      '),
    '    },',
    '  },',
  ]
}

function keysetLines(keyParts: readonly string[], values: readonly string[], indent: string): string[] {
  return [
    `${indent}keyParts: [${keyParts.join(', ')}],`,
    `${indent}valueParts: {`,
    ...values.map(value => `${indent}  ${value},`),
    `${indent}},`,
  ]
}

function valueLines(fields: readonly InferredField[]): string[] {
  const summed = fields.filter(field => field.role === 'value' || field.role === 'flag').slice(0, ruleValueCountMax)
  const hasCount = summed.some(field => field.name === 'count')
  return [
    hasCount ? 'records: count()' : 'count: count()',
    // A sum of true and false counts the true ones.
    ...summed.map(field => `${propertyName(field.name)}: sum(${quoted(field.name)})`),
  ]
}

function fieldComment(fields: readonly InferredField[]): string[] {
  const width = Math.min(30, Math.max(...fields.map(field => field.name.length), 0))
  return fields.map(field => {
    const type = field.timestamp === undefined ? field.type : `timestamp (${field.timestamp})`
    const example = field.examples[0] === undefined ? '' : `  ${printable(field.examples[0]).slice(0, 40)}`
    return `// ${printable(field.name).padEnd(width)}  ${type}${example}`.trimEnd()
  })
}

/** How the elements of a list become records: files of one document hold nothing else. */
function listComment(fields: readonly InferredField[]): string[] {
  return fields
    .filter(isObjectList)
    .map(({name}) => `// A record for each element of ${printable(name)}: partsPreprocess: [explode(${quoted(name)})]`)
}

function formatSource(format: InferOptions['format']): string {
  switch (format.format) {
    case 'csv':
    case 'dynamic': {
      const names = format.fields === null || typeof format.fields === 'string' ? format.fields : format.fields
      const fields =
        names === null ? '' : `, fields: ${names === 'header' ? "'header'" : `[${names.map(quoted).join(', ')}]`}`
      const delimiter = format.delimiter === ',' ? '' : `, delimiter: ${quoted(format.delimiter)}`
      return `{type: '${format.format}'${fields}${delimiter}}`
    }
    case 'regex':
      return `{type: 'regex', pattern: ${quoted(format.pattern)}}`
    default:
      return quoted(format.format)
  }
}
