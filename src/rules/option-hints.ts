/** What to say about names that are no option, and about values of a common wrong shape. */
import {nearest} from '../base/index.ts'
import {keysetOptionNames, ruleOptionNames, ruleOptions} from './options.ts'

/** Options of Inferno that this tool does not have, with what to do instead. */
const untakenOptions: Readonly<Record<string, string>> = {
  nuke: 'Deleting source tags after a job was never carried out by Inferno; leave it out and remove tags with ddfs rm',
  worker: 'There is one engine here; leave it out',
  mapOutputStream: 'The format between map and reduce is not open; leave it out',
  reduceOutputStream: 'Rows of a rule among the sources reach the outer rule by themselves; leave it out',
  resultIteratorOverride: 'The merge of partitions cannot be replaced; work on the rows in resultProcessor',
  sortBufferSize: 'Memory is bounded for the whole run with --memory; leave it out',
  requiredFiles: 'What a rule file imports travels with it; import the file instead',
  requiredModules: 'What a rule file imports travels with it; leave it out',
  serialOut: 'Print rows for other programs with --format, or in resultProcessor',
  discoDebug: 'See every step of a record with: inferno trace RULE --line N',
  server: 'The cluster belongs to the settings, not to a rule',
  csvFields: "Say it in the format: format: {type: 'csv', fields: […]}",
  csvDialect: "Say it in the format: format: {type: 'csv', dialect: 'excel-tab'}",
  delimiter: "Say it in the format: format: {type: 'csv', delimiter: ';'}",
}

/** Inferno's stream names, and the format that each one means. */
const streamFormats: Readonly<Record<string, string>> = {
  chunk_json_stream: 'json',
  chunk_json_keyset_stream: 'json',
  gzip_json_stream: 'json',
  chunk_csv_stream: 'csv',
  chunk_csv_keyset_stream: 'csv',
  gzip_csv_stream: 'csv',
  chunk_dynamic_stream: 'dynamic',
}

/** The format that one of Inferno's stream names means, in either spelling. */
export function formatOfStream(name: string): string | undefined {
  const snake = name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)
  return Object.hasOwn(streamFormats, snake) ? streamFormats[snake] : undefined
}

export interface UnknownName {
  readonly expected: string
  readonly hint?: string
}

/** What to say about an unknown name in a rule, in one of its keysets, or in a smaller object with the names `known`. */
export function aboutUnknownName(
  name: string,
  place: 'rule' | 'keyset' | readonly string[],
  value: unknown,
): UnknownName {
  const known = place === 'rule' ? ruleOptionNames : place === 'keyset' ? keysetOptionNames : place
  const camel = name.replace(/_+([a-z])/g, (_, letter: string) => letter.toUpperCase())
  if (camel === 'mapInputStream' && typeof value === 'string') {
    const stream = formatOfStream(value)
    if (stream !== undefined)
      return {expected: 'format', hint: `Inferno's ${value} is written format: '${stream}' here`}
  }
  const untaken = typeof place === 'string' && Object.hasOwn(untakenOptions, camel) ? untakenOptions[camel] : undefined
  if (untaken !== undefined) return {expected: 'to be left out', hint: untaken}
  const moved = aboutMisplacedName(camel, place)
  if (moved !== undefined) return moved
  if (camel !== name && known.includes(camel))
    return {expected: camel, hint: `Inferno's ${name} is called ${camel} here`}
  const suggestion = nearest(name, known) ?? nearest(camel, known)
  if (suggestion !== undefined) return {expected: suggestion, hint: `Did you mean "${suggestion}"?`}
  if (place === 'rule') return {expected: 'an option of a rule', hint: 'Parameters of your own go into params: {…}'}
  return {expected: `one of ${known.join(', ')}`}
}

function aboutMisplacedName(name: string, place: 'rule' | 'keyset' | readonly string[]): UnknownName | undefined {
  if (place !== 'keyset' || keysetOptionNames.includes(name)) return undefined
  if (name === 'keysetPartsPreprocess')
    return {expected: 'partsPreprocess', hint: 'Inside a keyset it is called partsPreprocess'}
  if (!ruleOptions.some(option => option.name === name)) return undefined
  return {expected: 'an option of a keyset', hint: `${name} is said once for the rule, not for each keyset`}
}
