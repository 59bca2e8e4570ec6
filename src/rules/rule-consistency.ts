/** What the options of a rule say about each other, and names inside them. Shapes are rule-schema.ts's business: here anything may still be wrong. */
import {nearest} from '../base/index.ts'
import {isNamedReader} from './named-readers.ts'
import {singleKeysetOptionNames} from './options.ts'
import {isName} from './plain-values.ts'
import {describeFound} from './rule-problem.ts'
import {whyNotAdded} from './sink-target.ts'
import {isSortedReduce} from './sorted-reduce.ts'

/** A problem before it has a line. */
export interface Finding {
  readonly path: readonly (string | number)[]
  readonly found: string
  readonly expected: string
  readonly hint?: string
}

type Options = Readonly<Record<string, unknown>>

/** Options that are fine by themselves and make no sense together. All of them at once. */
export function findContradictions(options: Options): Finding[] {
  return [
    ...aboutKeysets(options),
    ...aboutFormat(options),
    ...aboutMap(options),
    ...aboutReduce(options),
    ...aboutTopK(options),
    ...aboutDays(options),
    ...aboutTimeDelta(options.timeDelta),
    ...aboutSchedule(options),
    ...aboutNotification(options),
    ...aboutSink(options),
    ...aboutExamples(options),
  ]
}

function aboutKeysets(options: Options): Finding[] {
  const keysets = options.keysets
  if (keysets === undefined) return hasParts(options) ? [] : withoutParts([], options)
  if (!isRecord(keysets)) return []
  const names = Object.keys(keysets)
  if (names.length === 0) {
    return [
      {
        path: ['keysets'],
        found: 'an empty object',
        expected: 'at least one keyset',
        hint: 'A rule with one table needs no keysets: keyParts and valueParts may stand in the rule',
      },
    ]
  }
  const findings = names.flatMap(name => aboutKeyset(name, keysets[name], options))
  for (const name of singleKeysetOptionNames) {
    if (options[name] === undefined) continue
    findings.push({
      path: [name],
      found: `${name} beside keysets`,
      expected: 'it inside a keyset',
      hint: `With keysets, Inferno silently ignores ${name} of the rule; write it in each keyset it is meant for${name === 'keysetPartsPreprocess' ? ', as partsPreprocess' : ''}`,
    })
  }
  return findings
}

function aboutKeyset(name: string, keyset: unknown, options: Options): Finding[] {
  const findings: Finding[] = []
  if (!isName(name)) {
    findings.push({
      path: ['keysets', name],
      found: describeFound(name),
      expected: 'a keyset name: letters, digits, "_", "-", "." (not first)',
      hint: 'Keyset names become parts of commands and of file names',
    })
  }
  if (isRecord(keyset) && !hasParts(keyset)) findings.push(...withoutParts(['keysets', name], options))
  return findings
}

function withoutParts(path: readonly string[], options: Options): Finding[] {
  // Pairs that a rule makes itself need no parts: the keyset then only names the table.
  if (options.mapFunction !== undefined) return []
  return [
    {
      path,
      found: 'neither keyParts nor valueParts',
      expected: 'at least one of them',
      hint: "keyParts: ['…'] says what to group by, valueParts: ['count'] what to add up",
    },
  ]
}

function hasParts(options: Options): boolean {
  return ['keyParts', 'valueParts'].some(name => {
    const parts = options[name]
    // Parts of a wrong type have a problem of their own.
    return typeof parts === 'object' && parts !== null ? Object.keys(parts).length > 0 : parts !== undefined
  })
}

function aboutFormat(options: Options): Finding[] {
  const reader = options.mapInputStream
  if (reader === undefined) return []
  if (options.format !== undefined) {
    return [
      {
        path: ['mapInputStream'],
        found: 'mapInputStream beside format',
        expected: 'one of the two',
        hint: 'mapInputStream is a reader of your own, format one of ours',
      },
    ]
  }
  const params = options.params
  if (!isNamedReader(reader) || reader.format === 'json' || !isRecord(params)) return []
  const names = ['csvFields', 'csv_fields', 'csvDialect', 'csv_dialect', 'delimiter'].filter(
    name => params[name] !== undefined,
  )
  return names.map(name => ({
    path: ['params', name],
    found: `${name} among the parameters`,
    expected: 'it in the format',
    hint: `Write format: {type: '${reader.format}', fields: […], delimiter: '…'} instead of mapInputStream`,
  }))
}

/** A map function replaces the whole map step (as in Inferno, where what stands beside it silently never runs). */
function aboutMap(options: Options): Finding[] {
  if (options.mapFunction === undefined) return []
  const names = ['partsPreprocess', 'fieldTransforms', 'keysetPartsPreprocess']
  return placesOf(options).flatMap(([path, holder]) =>
    names
      .filter(name => holder[name] !== undefined && Object.keys(Object(holder[name])).length > 0)
      .map(name => ({
        path: [...path, name],
        found: `${name} beside mapFunction`,
        expected: 'one of the two',
        hint:
          options.mapFunction === null
            ? 'mapFunction: null takes the input as pairs, there are no records to work on'
            : 'mapFunction gets records as they were read and does all of the map step itself',
      })),
  )
}

/** sortedReduce is the pure reduce: it runs no hooks, so postprocessors beside it would silently do nothing. */
function aboutReduce(options: Options): Finding[] {
  if (!isSortedReduce(options.reduceFunction)) return []
  return placesOf(options)
    .filter(([, holder]) => Array.isArray(holder.partsPostprocess) && holder.partsPostprocess.length > 0)
    .map(([path]) => ({
      path: [...path, 'partsPostprocess'],
      found: 'partsPostprocess beside reduceFunction: sortedReduce',
      expected: 'one of the two',
      hint: 'sortedReduce runs no postprocessors; leave reduceFunction out, the standard reduce is the same with them',
    }))
}

/** topK counts in a table of its own, so it cannot go where the author's functions handle pairs. */
function aboutTopK(options: Options): Finding[] {
  // Pairs of the author's own map function have no aggregates at all.
  if (options.mapFunction !== undefined) return []
  const names = ['combinerFunction', 'partitionFunction', 'reduceFunction']
  const name = names.find(hook => options[hook] !== undefined && !isSortedReduce(options[hook]))
  const reason = name ?? (options.sort === false ? 'sort: false' : undefined)
  if (reason === undefined) return []
  return placesOf(options).flatMap(([path, holder]) =>
    Object.entries(isRecord(holder.valueParts) ? holder.valueParts : {})
      .filter(([, part]) => isRecord(part) && isRecord(part.node) && part.node.aggregate === 'topK')
      .map(([column]) => ({
        path: [...path, 'valueParts', column],
        found: `topK beside ${reason}`,
        expected: 'one of the two',
        hint: 'Use topK in a rule of its own, or count the values with a key part',
      })),
  )
}

/** Where keyset options stand: in the rule, and in each keyset. */
function placesOf(options: Options): (readonly [path: readonly string[], holder: Options])[] {
  const keysets = isRecord(options.keysets) ? Object.entries(options.keysets) : []
  const inKeysets = keysets.flatMap(([name, keyset]) =>
    isRecord(keyset) ? [[['keysets', name], keyset] as const] : [],
  )
  return [[[], options], ...inKeysets]
}

function aboutDays(options: Options): Finding[] {
  if (!isPositive(options.archiveLookback)) return []
  const clashes = ['dayRange', 'dayOffset', 'dayStart'].filter(
    name => isPositive(options[name]) || typeof options[name] === 'string',
  )
  return clashes.map(name => ({
    path: ['archiveLookback'],
    found: `archiveLookback together with ${name}`,
    expected: 'one of the two',
    hint: 'archiveLookback: N already means the N + 1 days that end today',
  }))
}

const durations = ['weeks', 'days', 'hours', 'minutes', 'seconds', 'milliseconds', 'microseconds']

function aboutTimeDelta(delta: unknown): Finding[] {
  if (!isRecord(delta)) return []
  const given = durations.filter(name => delta[name] !== undefined)
  const clock = ['oclock', 'weekday'].find(name => delta[name] !== undefined)
  if (clock !== undefined && given.length > 0) {
    return [
      {
        path: ['timeDelta'],
        found: `${clock} together with ${given.join(', ')}`,
        expected: 'durations, or an hour, or a weekday with an hour',
      },
    ]
  }
  if (clock === undefined && given.length === 0 && Object.keys(delta).length === 0) {
    return [{path: ['timeDelta'], found: 'an empty object', expected: 'at least one duration, an hour or a weekday'}]
  }
  if (clock === undefined && given.length > 0 && given.every(name => delta[name] === 0)) {
    return [{path: ['timeDelta'], found: 'no time at all', expected: 'a duration above 0'}]
  }
  return []
}

function aboutSchedule(options: Options): Finding[] {
  const {cron, timeDelta, maxAge} = options
  const findings: Finding[] = []
  if (cron !== undefined && timeDelta !== undefined) {
    findings.push({path: ['cron'], found: 'cron together with timeDelta', expected: 'one of the two'})
  }
  if (isRecord(maxAge) && Object.values(maxAge).every(amount => amount === 0)) {
    findings.push({path: ['maxAge'], found: 'no time at all', expected: 'a duration above 0'})
  }
  return findings
}

function aboutSink(options: Options): Finding[] {
  const {sink} = options
  if (sink === undefined) return []
  const findings: Finding[] = []
  if (options.resultProcessor !== undefined) {
    findings.push({
      path: ['sink'],
      found: 'sink beside resultProcessor',
      expected: 'one of the two',
      hint: 'A sink writes the rows itself; resultProcessor is for places that no sink reaches',
    })
  }
  if (isRecord(sink) && sink.mode === 'add') findings.push(...notAddable(options))
  return findings
}

/** What would be wrong when totals of one batch are added to those of others. */
function notAddable(options: Options): Finding[] {
  const keysets = isRecord(options.keysets) ? Object.entries(options.keysets) : []
  const places: [string[], unknown][] = [
    [[], options],
    ...keysets.map(([name, one]): [string[], unknown] => [['keysets', name], one]),
  ]
  return places.flatMap(([path, keyset]) => {
    const parts = isRecord(keyset) ? keyset.valueParts : undefined
    if (!isRecord(parts)) return []
    return Object.entries(parts).flatMap(([column, part]): Finding[] => {
      const node = isRecord(part) ? part.node : undefined
      const aggregate = isRecord(node) ? String(node.aggregate) : ''
      const reason = aggregate === '' ? undefined : whyNotAdded(aggregate)
      if (reason === undefined) return []
      return [
        {
          path: [...path, 'valueParts', column],
          found: `the aggregate ${aggregate}`,
          expected: "count, sum, min or max in a rule with sink mode 'add'",
          hint: `In other words: ${reason}`,
        },
      ]
    })
  })
}

function aboutNotification(options: Options): Finding[] {
  const wish = ['notifyOnFail', 'notifyOnSuccess'].find(name => options[name] === true)
  const addresses = options.notifyAddresses
  const hasAddresses = Array.isArray(addresses) ? addresses.length > 0 : addresses !== undefined
  if (wish === undefined || hasAddresses || options.notifyPagerduty === true || options.notifyWebhook !== undefined) {
    return []
  }
  return [
    {
      path: [wish],
      found: `${wish} without notifyAddresses`,
      expected: 'at least one mail address',
      hint: "Add notifyAddresses: ['someone@example.com']",
    },
  ]
}

function aboutExamples(options: Options): Finding[] {
  const examples = options.examples
  if (!Array.isArray(examples)) return []
  const keysets = isRecord(options.keysets) ? Object.keys(options.keysets) : ['_default']
  return examples.flatMap((example: unknown, index): Finding[] => {
    const rows = isRecord(example) ? example.rows : undefined
    if (Array.isArray(rows)) {
      if (keysets.length < 2) return []
      return [
        {
          path: ['examples', index, 'rows'],
          found: describeFound(rows),
          expected: `rows by keyset: {${keysets.join(', ')}}`,
        },
      ]
    }
    if (!isRecord(rows)) return []
    return Object.keys(rows)
      .filter(name => !keysets.includes(name))
      .map(name => {
        const suggestion = nearest(name, keysets)
        const base = {
          path: ['examples', index, 'rows', name],
          found: describeFound(name),
          expected: `a keyset of the rule: ${keysets.join(', ')}`,
        }
        return suggestion === undefined ? base : {...base, hint: `Did you mean "${suggestion}"?`}
      })
  })
}

function isRecord(value: unknown): value is Options {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isPositive(value: unknown): boolean {
  return typeof value === 'number' && value > 0
}
