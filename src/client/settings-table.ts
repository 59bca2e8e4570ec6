/** All settings, one row each: what reads the file and the environment, fills in flags, and what `inferno settings` shows. */

export type SettingKind =
  /** Any text. */
  | 'text'
  /** A secret: the text itself, `env:NAME` or `file:PATH`. */
  | 'secret'
  /** The same of a server's address; a secret when it has a password. */
  | 'server'
  /** A file or folder; in the settings file relative to its folder, `~/` is home. */
  | 'path'
  /** Where rows go, as docs/sinks.md has it; a secret when it has a password. */
  | 'sink'
  /** `auto`, `row` or `clickhouse=ADDRESS`; a secret when it has a password. */
  | 'engine'
  /** `512MiB`. */
  | 'size'
  /** A number, or a share like `1%`. */
  | 'share'
  | 'integer'
  | 'boolean'
  | 'choice'
  | 'mapping'

export interface SettingRow {
  /** As it is written in the file, groups with a dot. */
  readonly name: string
  readonly kind: SettingKind
  readonly choices?: readonly string[]
  readonly min?: number
  readonly max?: number
  /** For people; nothing happens without the setting where there is none. */
  readonly default?: string
  /** Beats the file. A flag with the same variable is filled in from the file. */
  readonly env?: string
  /** Beats both. Without the dashes. */
  readonly flag?: string
  readonly meaning: string
  /** What Inferno called it: for a hint. */
  readonly formerly?: string
}

export const settingRows: readonly SettingRow[] = [
  {
    name: 'rulesDirectory',
    kind: 'path',
    default: 'rules',
    env: 'DISCO_INFERNO_RULES',
    flag: 'rules-directory',
    meaning: 'folder of rule modules',
    formerly: 'rules_directory',
  },
  {name: 'params', kind: 'mapping', flag: 'param', meaning: 'parameters of every rule; -l files and -P win'},
  {
    name: 'threads',
    kind: 'integer',
    min: 1,
    max: 256,
    default: 'one a core',
    env: 'DISCO_INFERNO_THREADS',
    flag: 'threads',
    meaning: 'scanning threads',
  },
  {
    name: 'memory',
    kind: 'size',
    default: '512MiB',
    env: 'DISCO_INFERNO_MEMORY',
    flag: 'memory',
    meaning: 'memory for groups and buffers before they go to disk',
  },
  {
    name: 'engine',
    kind: 'engine',
    default: 'auto',
    env: 'DISCO_INFERNO_ENGINE',
    flag: 'engine',
    meaning: 'what scans where the rule does not say: auto, row (the reference) or clickhouse=ADDRESS',
  },
  {
    name: 'maxBad',
    kind: 'share',
    env: 'DISCO_INFERNO_MAX_BAD',
    flag: 'max-bad',
    meaning: 'runs fail when more records than this are bad: a number or a share like 1%',
  },
  {
    name: 'format',
    kind: 'choice',
    choices: ['csv', 'tsv', 'table', 'markdown', 'json', 'ndjson'],
    default: 'table on a terminal, else csv',
    env: 'DISCO_INFERNO_FORMAT',
    flag: 'format',
    meaning: "how rows are printed where the rule's sink or processor does not take them",
  },
  {
    name: 'out',
    kind: 'path',
    env: 'DISCO_INFERNO_OUT',
    flag: 'out',
    meaning: 'folder of result files, one a keyset, instead of standard output',
  },
  {
    name: 'cache',
    kind: 'boolean',
    default: 'true',
    env: 'DISCO_INFERNO_CACHE',
    flag: 'no-cache',
    meaning: 'keep what was scanned of a blob for the next run over tags',
  },
  {
    name: 'sink.to',
    kind: 'sink',
    env: 'DISCO_INFERNO_SINK',
    flag: 'to',
    meaning: 'where rows of runs over tags go when the rule names nothing; sink: ADDRESS is the same',
  },
  {
    name: 'sink.mode',
    kind: 'choice',
    choices: ['append', 'add', 'replace'],
    default: 'append',
    env: 'DISCO_INFERNO_SINK_MODE',
    flag: 'mode',
    meaning: 'what those rows do to the ones that are there',
  },
  {
    name: 'sink.tablePrefix',
    kind: 'text',
    env: 'DISCO_INFERNO_SINK_TABLE_PREFIX',
    meaning: 'stands before the name of every table of that sink',
  },
  {
    name: 'clickhouse.s3AccessKey',
    kind: 'secret',
    env: 'DISCO_INFERNO_S3_ACCESS_KEY',
    meaning: 'key with which ClickHouse reads s3:// inputs; without it the server has its own',
  },
  {
    name: 'clickhouse.s3SecretKey',
    kind: 'secret',
    env: 'DISCO_INFERNO_S3_SECRET_KEY',
    meaning: 'the secret that goes with it',
  },
  {
    name: 'cluster.master',
    kind: 'text',
    default: 'the cluster on this machine',
    env: 'DISCO_MASTER',
    flag: 'master',
    meaning: 'address of any node',
    formerly: 'server',
  },
  {
    name: 'cluster.home',
    kind: 'path',
    default: '~/.local/share/disco-inferno',
    env: 'DISCO_HOME',
    flag: 'home',
    meaning: 'home folder of the cluster on this machine',
  },
  {
    name: 'cluster.token',
    kind: 'secret',
    default: 'that of the home folder',
    env: 'DISCO_TOKEN',
    flag: 'token',
    meaning: 'token of the cluster; in the file for its own master or home only',
  },
  {
    name: 'cluster.ca',
    kind: 'path',
    env: 'DISCO_CA',
    flag: 'ca',
    meaning: 'certificate of the authority that signed the nodes (PEM)',
  },
  {
    name: 'daemon.state',
    kind: 'path',
    default: 'one in the home folder for each folder of rules',
    env: 'DISCO_INFERNO_STATE',
    flag: 'state',
    meaning: 'folder of the daemon',
    formerly: 'pid_dir',
  },
  {
    name: 'daemon.concurrent',
    kind: 'integer',
    min: 1,
    max: 64,
    default: '2',
    env: 'DISCO_INFERNO_CONCURRENT',
    flag: 'concurrent',
    meaning: 'rules that run at the same time',
  },
  {
    name: 'daemon.catchUp',
    kind: 'choice',
    choices: ['once', 'skip'],
    default: 'once; skip for an hour of a day',
    env: 'DISCO_INFERNO_CATCH_UP',
    meaning: 'what becomes of a missed start when the rule does not say',
  },
  {
    name: 'daemon.grace',
    kind: 'integer',
    min: 0,
    default: '60',
    env: 'DISCO_INFERNO_GRACE',
    flag: 'grace',
    meaning: 'seconds that runs get when the daemon ends',
  },
  {
    name: 'daemon.historyDays',
    kind: 'integer',
    min: 1,
    max: 3650,
    default: '90',
    env: 'DISCO_INFERNO_HISTORY_DAYS',
    meaning: 'days for which past runs are kept',
  },
  {
    name: 'notify.mailServer',
    kind: 'server',
    default: 'localhost',
    env: 'DISCO_INFERNO_MAIL_SERVER',
    meaning: 'HOST, HOST:PORT or smtp[s]://USER:PASSWORD@HOST:PORT',
    formerly: 'mail_server',
  },
  {
    name: 'notify.mailFrom',
    kind: 'text',
    default: 'Inferno Daemon <inferno@localhost.localdomain>',
    env: 'DISCO_INFERNO_MAIL_FROM',
    meaning: 'sender of mail',
    formerly: 'mail_from',
  },
  {
    name: 'notify.pagerdutyKey',
    kind: 'secret',
    env: 'DISCO_INFERNO_PAGERDUTY_KEY',
    meaning: 'integration key for rules that have none of their own',
    formerly: 'pagerduty_api_key',
  },
  {
    name: 'notify.pagerdutyUrl',
    kind: 'text',
    default: 'https://events.pagerduty.com/v2/enqueue',
    env: 'DISCO_INFERNO_PAGERDUTY_URL',
    meaning: 'address of the Events API, version 2',
  },
  {
    name: 'notify.webhook',
    kind: 'secret',
    env: 'DISCO_INFERNO_WEBHOOK',
    meaning: 'address for rules with notifyOnFail or notifyOnSuccess and none of their own',
  },
  {
    name: 'notify.webhookFormat',
    kind: 'choice',
    choices: ['json', 'slack'],
    default: 'json',
    env: 'DISCO_INFERNO_WEBHOOK_FORMAT',
    meaning: 'what the webhook gets: facts, or {"text": …} as Slack takes it',
  },
]

export const settingNames: readonly string[] = settingRows.map(({name}) => name)
