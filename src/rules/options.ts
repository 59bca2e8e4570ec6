/** Every option of a rule with its meaning: the one table behind the reference, `inferno explain` and the hints of messages. */

export type OptionGroup =
  | 'rule'
  | 'input'
  | 'days'
  | 'archive'
  | 'schedule'
  | 'notification'
  | 'map'
  | 'keyset'
  | 'reduce'
  | 'result'
  | 'examples'

export interface OptionInfo {
  readonly name: string
  /** Its name in Inferno's Python; null where Inferno has no such option. */
  readonly infernoName: string | null
  /** For people, in TypeScript's words. */
  readonly type: string
  readonly default: string
  readonly group: OptionGroup
  /** Where it may stand: in the rule, in each entry of `keysets`, or (keyset options of a rule with one keyset) both. */
  readonly place: 'rule' | 'keyset' | 'both'
  /** Acts on tags, jobs and the daemon; a run over files takes no notice. */
  readonly isClusterOnly: boolean
  readonly meaning: string
}

type Row = readonly [name: string, type: string, standard: string, meaning: string, infernoName?: string | null]

function group(
  name: OptionGroup,
  place: OptionInfo['place'],
  isClusterOnly: boolean,
  rows: readonly Row[],
): OptionInfo[] {
  return rows.map(([option, type, standard, meaning, infernoName]) => ({
    name: option,
    infernoName: infernoName === undefined ? snakeCase(option) : infernoName,
    type,
    default: standard,
    group: name,
    place,
    isClusterOnly,
    meaning,
  }))
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)
}

export const ruleOptions: readonly OptionInfo[] = Object.freeze([
  ...group('rule', 'rule', false, [
    ['name', 'text', 'required', 'Identifies the rule inside its file: letters, digits, `_`, `-`, `.`, at most 100.'],
    ['description', 'text', 'none', 'One sentence for lists.', null],
  ]),
  ...group('rule', 'rule', true, [
    ['run', 'boolean', 'true', 'Off: the daemon never starts it. By hand it always runs.'],
  ]),
  ...group('input', 'rule', false, [
    [
      'format',
      "'json', 'csv', 'dynamic', 'logfmt', 'common-log', 'combined-log', {type: 'csv', …} or {type: 'regex', …}",
      "'json'",
      'How the bytes of an input become records.',
      null,
    ],
    [
      'mapInputStream',
      'reader function or named reader',
      'none',
      'A reader of your own instead of `format`, or `chunkJsonStream` and its like.',
    ],
    [
      'sourceUrls',
      'list of texts, or function of the parameters',
      '[]',
      'Inputs outside the tags: files, folders, patterns. `--input` replaces them.',
    ],
    [
      'sourceTags',
      'text, or list of texts and rules',
      '[]',
      'Tags to read, by prefix (cluster). Rules in the list run first, their rows are read as records.',
    ],
  ]),
  ...group('input', 'rule', true, [
    ['minBlobs', 'integer, 0 or more', '1', 'Skipped when fewer blobs are there.'],
    ['maxBlobs', 'integer, 1 or more', 'no limit', 'At most this many blobs from tags in one run.'],
    ['newestFirst', 'boolean', 'true', 'Which tags come first when `maxBlobs` cuts.'],
  ]),
  ...group('days', 'rule', true, [
    ['dayRange', 'integer, 0 or more', '0', 'Days to read, counted back from the start day; 0: no day arithmetic.'],
    ['dayOffset', 'integer, 0 or more', '0', 'Days to step back from the start day.'],
    ['dayStart', 'YYYY-MM-DD', 'today', 'Last day of the range.'],
    ['timeZone', 'IANA time zone', "'UTC'", 'The zone of today, of day arithmetic and of the schedule.', null],
  ]),
  ...group('archive', 'rule', true, [
    ['archive', 'boolean', 'false', 'Never read a blob twice; mark blobs after success.'],
    [
      'archiveTagPrefix',
      'text without a colon',
      "'processed'",
      'Replaces the first part of the tag name when archiving.',
    ],
    [
      'archiveLookback',
      'integer, 0 or more',
      '0',
      'N: read today and the N days before, for late data. Not together with `dayRange`, `dayOffset`, `dayStart`.',
    ],
  ]),
  ...group('schedule', 'rule', true, [
    [
      'timeDelta',
      '{minutes: …} or {oclock: H} or {weekday: name, oclock?: H}',
      '{minutes: 5}',
      'When the daemon runs it again. Hours are those of `timeZone`.',
    ],
    [
      'cron',
      "text with five fields: '30 4 * * mon-fri'",
      'none',
      'When the daemon runs it again, instead of `timeDelta`, in `timeZone`.',
      null,
    ],
    [
      'catchUp',
      "'once' or 'skip'",
      "'once'; with oclock or weekday 'skip'",
      'What becomes of runs that were due while no daemon could start them: one run, or none.',
      null,
    ],
    [
      'maxAge',
      '{hours: …} and the other durations',
      'none',
      'The daemon tells when the newest success is older than this.',
      null,
    ],
    ['retry', 'boolean', 'false', 'The daemon retries a failed run.'],
    ['retryLimit', 'integer, 0 or more', '2', 'Retries before giving up.'],
    ['retryDelay', 'hours, fractions allowed', '1', 'Wait before a retry.'],
  ]),
  ...group('notification', 'rule', true, [
    ['notifyOnFail', 'boolean', 'false', 'Mail when a run fails.'],
    ['notifyOnSuccess', 'boolean', 'false', 'Mail when a run succeeds.'],
    ['notifyAddresses', 'list of mail addresses', '[]', 'Who gets the mail.'],
    ['notifyPagerduty', 'boolean', 'false', 'A PagerDuty event when a run fails, with or without mail.'],
    ['notifyPagerdutyKey', "text, 'env:NAME' or 'file:PATH'", 'the setting', 'Integration key of this rule.'],
    [
      'notifyWebhook',
      "http(s) address, 'env:NAME' or 'file:PATH'",
      'the setting',
      'Gets a POST when a run fails and when it works again, with or without mail.',
      null,
    ],
    ['notifyWebhookFormat', "'json' or 'slack'", "'json'", 'Facts as JSON, or {"text": …} as Slack takes it.', null],
  ]),
  ...group('map', 'rule', false, [
    [
      'fields',
      'list of field names',
      'unknown',
      'The fields that functions of this rule read. They see these, those that the rule itself names, and no others; the scan is faster for it.',
      null,
    ],
    ['params', 'object', '{}', 'Parameters: the last argument of every hook. `-P` and `-l` change them.', null],
    [
      'partsPreprocess',
      'list of steps and functions (parts, params)',
      '[]',
      'From a record to none, one or several parts; each step works on what the one before gave.',
    ],
    [
      'fieldTransforms',
      'object: field to transform, or to a list of them',
      '{}',
      'Replaces a field that is present (null too) after the preprocess.',
    ],
    ['mapInitFunction', 'function (params)', 'none', 'Once per thread before its first record.'],
    [
      'mapFunction',
      'function (parts, params), or null',
      'the keyset map',
      'Yields [key, values] pairs itself; null: the input already is pairs.',
    ],
    ['combinerFunction', 'function (key, values, buffer, done, params)', 'none', 'Adds up pairs inside a map task.'],
    ['partitions', 'integer, 1 or more', '1', 'Reduce partitions; does not change the result.'],
    [
      'partitionFunction',
      'function (key, partitions, params)',
      'a stable hash',
      'Gives the partition of a key, 0 to partitions - 1.',
    ],
  ]),
  ...group('map', 'rule', false, [
    [
      'engine',
      "'auto', 'row' or 'clickhouse=ADDRESS'",
      "'auto'",
      'What runs it: this program, or a ClickHouse that exists, see outgrown.md. `--engine` wins.',
      null,
    ],
  ]),
  ...group('map', 'rule', true, [['scheduler', '{forceLocal?, maxCores?}', '{}', 'How the cluster places the tasks.']]),
  ...group('keyset', 'rule', false, [
    [
      'keysets',
      'object: name to keyset',
      'none',
      'Several tables from one pass. Each has the keyset options below; they then may not stand in the rule.',
    ],
  ]),
  ...group('keyset', 'both', false, [
    [
      'keyParts',
      'list of fields (dotted paths), or of day("time") and its like',
      '[]',
      'What to group by. A record without one of them is not in the table.',
    ],
    [
      'valueParts',
      'list of fields, or object: column to aggregate',
      '[]',
      'What to add up. A name alone is a sum; `count` counts.',
    ],
    ['columnMappings', 'object: column to header text', '{}', 'Changes the header only.'],
    ['table', 'text', 'none', 'For result processors that write to a database.'],
    [
      'partsPostprocess',
      'list of functions (key, values, params)',
      '[]',
      'From a row to none, one or several rows. key[0] is the keyset.',
    ],
    ['extraColumns', 'list of texts', 'extra1, extra2 …', 'Header of the values that postprocessors append.', null],
  ]),
  ...group('keyset', 'rule', false, [
    [
      'keysetPartsPreprocess',
      'list of steps and functions (parts, params)',
      '[]',
      "The only keyset's own preprocess, after the transforms.",
    ],
  ]),
  ...group('keyset', 'keyset', false, [
    [
      'partsPreprocess',
      'list of steps and functions (parts, params)',
      '[]',
      "The keyset's own preprocess, after the transforms, on its own copy of the part.",
    ],
  ]),
  ...group('reduce', 'rule', false, [
    ['sort', 'boolean', 'true', 'Off: only adjacent equal keys are grouped, a key can have several rows.'],
    ['sortedResults', 'boolean', 'true', 'Off: partitions one after another instead of merged in order.'],
    ['reduceInitFunction', 'function (params)', 'none', 'Once per reduce task.'],
    [
      'reduceFunction',
      'function (pairs, params)',
      'the keyset reduce',
      'Replaces adding up; `sortedReduce` is the standard one without postprocessors.',
    ],
  ]),
  ...group('result', 'rule', false, [
    [
      'resultProcessor',
      'function (rows, context), or null',
      'prints the rows',
      'What happens to the rows; null: nothing.',
    ],
    [
      'isResultProcessorIdempotent',
      'boolean',
      'false',
      'Running the processor twice does no harm: only then it is tried again.',
      null,
    ],
    ['ruleInitFunction', 'function (params)', 'none', 'Once per job, before it starts.'],
    ['ruleCleanup', 'function (job)', 'none', 'Once, after success.'],
  ]),
  ...group('result', 'rule', true, [
    [
      'sink',
      "address, or {to, mode?: 'append' | 'add' | 'replace', tablePrefix?}",
      'none',
      'Database, files or webhook for the rows, each batch once: `sqlite:PATH`, `postgres://…` and others, see sinks.md. `--to` wins.',
      null,
    ],
    ['resultTag', 'tag', 'none', 'Keeps the rows and tags them.'],
    [
      'resultTagSuffix',
      "boolean or 'date'",
      'true',
      'Last part of that tag: the day of the source, else the job; `date`: today.',
    ],
    ['save', 'boolean', 'false', 'Keeps the rows even without a tag.'],
  ]),
  ...group('examples', 'rule', false, [
    [
      'examples',
      'list of {input, rows, name?, params?, bad?}',
      '[]',
      'Input lines and the rows they must give, for `inferno test`.',
      null,
    ],
  ]),
])

/** Names that may stand in a rule. */
export const ruleOptionNames: readonly string[] = ruleOptions
  .filter(({place}) => place !== 'keyset')
  .map(({name}) => name)

/** Names that may stand in an entry of `keysets`. */
export const keysetOptionNames: readonly string[] = ruleOptions
  .filter(({place}) => place !== 'rule')
  .map(({name}) => name)

/** The keyset options of a rule with one keyset: refused beside `keysets`. */
export const singleKeysetOptionNames: readonly string[] = [
  ...ruleOptions.filter(({place}) => place === 'both').map(({name}) => name),
  'keysetPartsPreprocess',
]
