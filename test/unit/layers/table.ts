/** Who may import whom (design, section 4), as data. A module that is not here fails the test. */
export interface LayerRow {
  /** Modules whose index.ts may be imported. */
  readonly mayImport: readonly string[]
  /** Modules of which only types may be imported, also through index.ts. */
  readonly mayImportTypes?: readonly string[]
  /** Of these any file may be imported, not only index.ts. */
  readonly mayReachInto?: readonly string[]
  /** No clock, randomness, I/O or timers. */
  readonly isPure: boolean
}

const all = [
  'base',
  'product',
  'pipeline',
  'protocol',
  'scheduler',
  'ddfs',
  'rules',
  'jobs',
  'engine',
  'sql',
  'sinks',
  'storage',
  'mesh',
  'worker',
  'client',
  'cluster',
  'daemon',
  'ui',
  'web',
  'project',
  'cli',
]

const untilClient = all.slice(0, all.indexOf('client') + 1)

export const layers: Readonly<Record<string, LayerRow>> = {
  base: {mayImport: [], isPure: true},
  product: {mayImport: ['base'], isPure: false},
  pipeline: {mayImport: ['base'], isPure: true},
  protocol: {mayImport: ['base', 'pipeline'], isPure: true},
  scheduler: {mayImport: ['base', 'pipeline', 'protocol'], isPure: true},
  ddfs: {mayImport: ['base', 'protocol'], isPure: true},
  rules: {mayImport: ['base', 'pipeline'], isPure: true},
  jobs: {mayImport: ['base', 'pipeline'], isPure: true},
  // "Compute only": the same calls are forbidden. Generated is the compiled scan kernel.
  engine: {mayImport: ['base', 'rules', 'generated'], mayReachInto: ['generated'], isPure: true},
  sql: {mayImport: ['base', 'rules'], isPure: true},
  sinks: {mayImport: ['base', 'rules'], mayImportTypes: ['engine'], isPure: false},
  storage: {mayImport: ['base', 'protocol'], isPure: false},
  mesh: {mayImport: ['base', 'protocol'], isPure: false},
  // `api.ts`: a rule file's import of the library is answered with the copy that is running.
  // `sinks`: scanning threads make the text of rows.
  worker: {
    mayImport: ['base', 'product', 'pipeline', 'protocol', 'rules', 'jobs', 'engine', 'sinks', 'api.ts'],
    isPure: false,
  },
  client: {mayImport: ['base', 'pipeline', 'protocol', 'rules'], isPure: false},
  // `web`: the text of the status page.
  cluster: {mayImport: [...untilClient, 'web'], isPure: false},
  // Storage for its ledgers (only storage writes SQL), protocol for names and entries of what it pushes.
  daemon: {mayImport: ['base', 'protocol', 'rules', 'engine', 'sinks', 'storage', 'client'], isPure: false},
  ui: {mayImport: ['base', 'protocol', 'client'], mayImportTypes: ['rules', 'engine'], isPure: false},
  // The monitor's view model on a page. Generated is that page, put together by the build.
  web: {
    mayImport: ['base', 'protocol', 'ui', 'generated'],
    mayReachInto: ['ui', 'generated'],
    isPure: false,
  },
  // Protocol for names of tags and blobs, storage for what it remembers of runs.
  project: {
    mayImport: ['base', 'protocol', 'rules', 'engine', 'sql', 'storage', 'worker', 'sinks', 'client'],
    isPure: false,
  },
  // The launcher, and what commands share (each file of commands/ is a command, so it has no room there). That help and
  // completion load none of the latter is held by test/cli/launcher-loads.test.ts.
  cli: {
    mayImport: [
      'base',
      'product',
      'protocol',
      'generated',
      'rules',
      'engine',
      'worker',
      'sinks',
      'storage',
      'client',
      'cluster',
      'daemon',
      'ui',
      'project',
    ],
    mayReachInto: ['generated'],
    isPure: false,
  },
  // The command table that the build writes: the one place below commands/ that names them.
  generated: {mayImport: ['commands'], mayReachInto: ['commands'], isPure: false},
  // Commands load what they need of `cli` when they run, file by file.
  commands: {mayImport: all, mayReachInto: ['cli'], isPure: false},
  // Files directly in src/: the entry of the program, and the public names of the library, which are picked from the rule
  // language file by file so that a rule project sees no checking and no schemas.
  'bin.ts': {mayImport: ['cli', 'version-text.ts'], isPure: false},
  'version-text.ts': {mayImport: [], isPure: false},
  'bin-single.ts': {
    mayImport: ['cli', 'product', 'version-text.ts', 'worker'],
    mayReachInto: ['worker'],
    isPure: false,
  },
  'local.ts': {mayImport: ['jobs', 'worker'], mayReachInto: ['worker'], isPure: false},
  'api.ts': {
    mayImport: ['base', 'rules', 'jobs'],
    mayImportTypes: ['engine'],
    mayReachInto: ['rules', 'jobs'],
    isPure: false,
  },
}

/** What a pure module may import from Node; with names, only those. Everything here computes and touches nothing. */
export const pureBuiltins: Readonly<Record<string, readonly string[] | 'all'>> = {
  'node:buffer': 'all',
  'node:string_decoder': 'all',
  'node:crypto': ['createHash', 'createHmac', 'hash', 'timingSafeEqual'],
  // Whole buffers in, whole buffers out.
  'node:zlib': ['crc32', 'deflateSync', 'inflateSync'],
  'node:url': ['fileURLToPath', 'pathToFileURL'],
}

/** Packages that compute and touch nothing. */
export const purePackages: readonly string[] = ['re2js', 'zod', 'zod/mini']

export interface PurityException {
  readonly path: string
  /** The import or call that is allowed there, as the problem names it. */
  readonly allows: string
  readonly reason: string
}

export const purityExceptions: readonly PurityException[] = [
  {
    path: 'src/rules/steps/lookup-file.ts',
    allows: 'node:fs',
    reason: 'a lookup table is read once, when the rule file is loaded, and becomes part of the plan',
  },
  {
    path: 'src/rules/steps/lookup-file.ts',
    allows: 'node:path',
    reason: 'the name of that file is relative to the rule file or to the working directory',
  },
]
