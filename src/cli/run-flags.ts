/** Flags that every command that runs rules shares. What they mean once parsed is in flag-values.ts. */
import {Flags} from '@oclif/core'

export const inputFlags = {
  input: Flags.string({
    char: 'i',
    multiple: true,
    multipleNonGreedy: true,
    description: 'file, folder, quoted glob or - for standard input; repeatable',
    helpValue: 'PATH',
  }),
}

export const ruleFlags = {
  'rules-directory': Flags.string({
    char: 'y',
    description: 'folder of rule modules',
    default: 'rules',
    env: 'DISCO_INFERNO_RULES',
    helpValue: 'DIR',
  }),
  settings: Flags.string({
    char: 'e',
    description: 'settings file (YAML)',
    env: 'DISCO_INFERNO_SETTINGS',
    helpValue: 'FILE',
  }),
  param: Flags.string({
    char: 'P',
    multiple: true,
    multipleNonGreedy: true,
    description: 'parameter name=value (the value is YAML); repeatable',
    helpValue: 'NAME=VALUE',
  }),
  'param-file': Flags.string({
    char: 'l',
    multiple: true,
    multipleNonGreedy: true,
    description: 'YAML file of parameters; repeatable, -P wins',
    helpValue: 'FILE',
  }),
  'data-file': Flags.string({description: 'file whose lines become the parameter dataFile', helpValue: 'FILE'}),
}

/** How CSV is written, where nobody wrote a rule that says it. */
export const csvFlags = {
  delimiter: Flags.string({description: "CSV with this between its cells: ';' or tab", helpValue: 'CHARACTER'}),
  names: Flags.string({
    description: 'CSV without a header: the names of its columns, separated by commas',
    helpValue: 'A,B',
  }),
}

export const outputFlags = {
  format: Flags.string({
    char: 'f',
    options: ['csv', 'tsv', 'table', 'markdown', 'json', 'ndjson'],
    description: 'how rows are printed; without it a table on a terminal, CSV into a pipe or file',
    env: 'DISCO_INFERNO_FORMAT',
  }),
  out: Flags.string({
    char: 'o',
    description: 'write one file a keyset into this folder, whole or not at all',
    helpValue: 'DIR',
  }),
  rows: Flags.integer({description: 'rows of each keyset that a table shows; 0 for all', default: 100, min: 0}),
}

/** Of commands that show rows to people. */
export const chosenRowsFlags = {
  percent: Flags.string({
    multiple: true,
    multipleNonGreedy: true,
    description:
      'a column more, COLUMN_percent: how much of the total of this column a row has, of all rows of its keyset; before --having; repeatable',
    helpValue: 'COLUMN',
  }),
  having: Flags.string({
    description: 'only rows of which the columns meet this condition: count > 100 and errors > 0; before --top',
    helpValue: 'EXPRESSION',
  }),
  top: Flags.string({
    description:
      'only the N rows of each keyset with the largest value in the first column, or in COLUMN, largest first',
    helpValue: 'N[:COLUMN]',
  }),
}

export const scanFlags = {
  sample: Flags.integer({description: 'read only the first N records', min: 1, helpValue: 'N'}),
  engine: Flags.string({
    description:
      'what scans: auto takes the WebAssembly kernel where it knows every step, row is the reference; clickhouse=ADDRESS (of run): a server of yours',
    env: 'DISCO_INFERNO_ENGINE',
    helpValue: 'ENGINE',
  }),
  'max-bad': Flags.string({
    description: 'fail when more records than this are bad: a number or a share like 1%',
    env: 'DISCO_INFERNO_MAX_BAD',
    helpValue: 'N|N%',
  }),
  'bad-out': Flags.string({
    description: 'write bad records there as JSON lines: file, line, reason, text',
    helpValue: 'FILE',
  }),
  threads: Flags.integer({
    description: 'scanning threads; default: one a core',
    min: 1,
    max: 256,
    env: 'DISCO_INFERNO_THREADS',
    helpValue: 'N',
  }),
  memory: Flags.string({
    description: 'memory for groups and buffers before they go to disk; default: 512MiB',
    env: 'DISCO_INFERNO_MEMORY',
    helpValue: 'BYTES',
  }),
  quiet: Flags.boolean({char: 'q', description: 'print nothing but rows and errors'}),
}

/** Flags of commands that run rules over the tags of a cluster: what they read and keep. */
export const sourceFlags = {
  'source-tags': Flags.string({
    char: 't',
    description: 'read these tags instead of those of the rule, all days: prefixes, separated by commas',
    helpValue: 'A,B',
    helpGroup: 'TAGS',
  }),
  'source-urls': Flags.string({
    char: 'u',
    description: "read these addresses instead of the rule's sourceUrls; separated by commas, \\, is a comma",
    helpValue: 'A,B',
    helpGroup: 'TAGS',
  }),
  'day-start': Flags.string({
    char: 'S',
    description: 'last day to read; alone it means that day only',
    helpValue: 'YYYY-MM-DD',
    helpGroup: 'TAGS',
  }),
  'day-offset': Flags.integer({
    char: 'O',
    description: 'days to step back from the last day; alone it means one day',
    min: 0,
    helpValue: 'N',
    helpGroup: 'TAGS',
  }),
  'day-range': Flags.integer({
    char: 'R',
    description: 'number of days to read, counted back; 0 for all',
    min: 0,
    helpValue: 'N',
    helpGroup: 'TAGS',
  }),
}

/** A day, or a range of days, both included. */
export const dayFlags = {
  day: Flags.string({
    description: 'only tags of this day',
    helpValue: 'YYYY-MM-DD',
    exclusive: ['from', 'to'],
  }),
  from: Flags.string({description: 'only tags of this day and later', helpValue: 'YYYY-MM-DD'}),
  to: Flags.string({description: 'only tags of this day and earlier', helpValue: 'YYYY-MM-DD'}),
}

const sinkAddress = {
  description:
    "where rows go: sqlite:FILE, postgres://…, mysql://…, clickhouse://…, https://…; instead of the rule's sink",
  helpValue: 'ADDRESS',
  helpGroup: 'SINK',
}

/** Where a command has days that are called --from and --to. */
export const sinkAddressFlag = Flags.string(sinkAddress)

/** Where rows go instead of standard output. */
export const sinkFlags = {
  to: Flags.string({...sinkAddress, aliases: ['sink']}),
  mode: Flags.string({
    description: 'what rows do to those that are there',
    options: ['add', 'append', 'replace'],
    helpGroup: 'SINK',
  }),
}

/** Flags of a run over tags: how it is done. */
export const tagRunFlags = {
  cluster: Flags.boolean({description: 'run on the cluster although the rule names no tags', helpGroup: 'TAGS'}),
  'result-tag': Flags.string({
    char: 'r',
    description: 'keep the rows under TAG:DAY (or TAG:JOB) for other rules to read',
    helpValue: 'TAG',
    helpGroup: 'TAGS',
  }),
  force: Flags.boolean({description: 'run also with fewer blobs than minBlobs', helpGroup: 'TAGS'}),
  'no-cache': Flags.boolean({description: 'scan every blob again, keep nothing', helpGroup: 'TAGS'}),
  'allow-missing': Flags.boolean({
    description: 'go on without blobs that no node can give, and say how much is missing',
    helpGroup: 'TAGS',
  }),
  report: Flags.string({
    description: 'write what became of the run there as JSON, also when it fails',
    helpValue: 'FILE',
  }),
}
