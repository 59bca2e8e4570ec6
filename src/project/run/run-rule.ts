/**
 * Runs a rule over files, with the rules among its sources first: their rows become input of the outer rule.
 *
 * Inner rules that do not wait for one another run at the same time. Their rows travel as JSON lines in a temporary file,
 * numbers with all their digits. Inputs given on the command line are for the innermost rules (D43); a rule that reads
 * nothing but rules reads nothing else.
 */

import {randomUUID} from 'node:crypto'
import {closeSync, openSync, statSync, writeSync} from 'node:fs'
import {join} from 'node:path'
import {InvariantError, messageOf, UserError} from '../../base/index.ts'
import type {Account, EngineChoice, ResultRow} from '../../engine/index.ts'
import {
  compilePlan,
  type Params,
  type Plan,
  planHash,
  type Rule,
  readsOnlyRules,
  subRulesOf,
} from '../../rules/index.ts'
import {formatRows, type KeysetHeader, type StagedRows} from '../../sinks/index.ts'
import {
  type BadLine,
  callHook,
  type InputFile,
  LocalRun,
  type MaxBad,
  makeRunFolder,
  type RuleAddress,
  removeRunFolder,
  type ScanSnapshot,
  type TemplateOf,
  type TextRows,
  type UnusedFiles,
} from '../../worker/index.ts'
import {checkStandardInput, inputFiles} from './rule-inputs.ts'
import {overlayParams} from './rule-params.ts'

export interface RunSettings {
  /** Files, folders, globs, `-`. Empty: what the rule's sourceUrls say. */
  readonly inputs: readonly string[]
  readonly params: Params
  readonly threads: number
  readonly memoryBytes: number
  readonly sample?: number | undefined
  readonly engine?: EngineChoice | undefined
  readonly maxBad?: MaxBad | undefined
  readonly keepsBad?: boolean
  /** The rows will be asked for as text, which runs are kept for then; they can be had one by one all the same. */
  readonly rowsAreText?: boolean
  readonly onProgress?: (snapshot: ScanSnapshot) => void
  /** Things worth a line while running: which inner rule runs, which input was named twice. */
  readonly onNote?: (line: string) => void
  readonly signal: AbortSignal
}

export interface RunSource {
  readonly rule: Rule
  /** First part of the qualified name. */
  readonly module: string
  readonly keyset?: string | undefined
  /** null: the rule has no file (query) and no functions. */
  readonly address: RuleAddress | null
}

/** A finished scan whose rows can be read. Close it: it holds temporary files. */
export interface RuleRun {
  readonly plan: Plan
  readonly rule: Rule
  readonly jobId: string
  readonly headers: readonly KeysetHeader[]
  readonly params: Params
  readonly threads: number
  readonly spilledBytes: number
  /** The rules whose rows it read, innermost first. */
  readonly inner: readonly RuleRun[]
  rows(): Iterable<ResultRow>
  /** Rows that lie in the sink's database already, instead of `rows`: its sink moves them there. */
  readonly staged?: StagedRows | undefined
  /** The rows as text, faster; undefined when they have to be made one by one. Instead of `rows`. */
  textRows(templateOf: TemplateOf): TextRows | undefined
  /** Complete once the rows have been read. */
  account(): Account
  badLines(): Iterable<BadLine>
  /** Inputs of which no record reached a group; undefined where nobody counted them. */
  readonly unusedFiles?: UnusedFiles | undefined
  /** Calls ruleCleanup, of inner rules first; after success only. */
  cleanUp(): Promise<void>
  close(): void
}

/**
 * Scans everything, inner rules first. The rows are read from the run afterwards, and its `close` is for the caller.
 *
 * @throws UserError for inputs, rules and records that are wrong, INTERRUPTED; by then nothing is left behind
 */
export async function runRule(source: RunSource, settings: RunSettings): Promise<RuleRun> {
  checkStandardInput(source.rule, settings)
  const tree: Tree = {folder: makeRunFolder(), finished: new Map(), runs: []}
  try {
    const run = await runTree(source, settings, tree, true)
    const {cleanUp, close} = run
    // Put onto the run itself: a copy would ask for its identity.
    return Object.assign(run, {
      inner: tree.runs,
      cleanUp: async () => {
        for (const each of tree.runs) await each.cleanUp()
        await cleanUp()
      },
      close: () => {
        closeAll(tree.runs)
        close()
      },
    })
  } catch (error) {
    closeAll(tree.runs)
    throw error
  } finally {
    // The outer run has read the inner rows by now; its own temporary files are its own.
    removeRunFolder(tree.folder)
  }
}

function closeAll(runs: readonly RuleRun[]): void {
  for (const run of runs) run.close()
}

interface Tree {
  /** For the rows of inner rules. */
  readonly folder: string
  /** Each rule object runs once, however often it is named. */
  readonly finished: Map<Rule, Promise<InputFile>>
  /** Inner runs in the order in which they ended. */
  readonly runs: RuleRun[]
}

async function runTree(source: RunSource, settings: RunSettings, tree: Tree, isOutermost: boolean): Promise<RuleRun> {
  const {rule} = source
  const inner = subRulesOf(rule)
  const rowFiles = inner.length === 0 ? [] : await innerRows(source, inner, settings, tree)
  const files = inner.length > 0 && readsOnlyRules(rule) ? rowFiles : [...rowFiles, ...inputFiles(rule, settings)]
  return runOne(source, settings, files, isOutermost)
}

/** The rows of inner rules as input files. They run at the same time and share the memory; the first failure stops the others. */
async function innerRows(
  outer: RunSource,
  inner: readonly Rule[],
  settings: RunSettings,
  tree: Tree,
): Promise<InputFile[]> {
  const failed = new AbortController()
  const shared: RunSettings = {
    ...settings,
    sample: undefined,
    memoryBytes: Math.floor(settings.memoryBytes / new Set(inner).size),
    signal: AbortSignal.any([settings.signal, failed.signal]),
  }
  let failure: unknown
  const works = inner.map(async (rule, index) => {
    try {
      return await rowsOnce(innerSource(outer, rule, index), shared, tree)
    } catch (error) {
      failure ??= error
      failed.abort()
      return undefined
    }
  })
  // All have ended when this goes on: nothing is left running behind an error.
  const files = await Promise.all(works)
  if (failure !== undefined) throw failure
  return files.filter(file => file !== undefined)
}

function innerSource(outer: RunSource, rule: Rule, index: number): RunSource {
  const address = outer.address && {file: outer.address.file, path: [...outer.address.path, index]}
  return {rule, module: outer.module, address}
}

function rowsOnce(source: RunSource, settings: RunSettings, tree: Tree): Promise<InputFile> {
  const known = tree.finished.get(source.rule)
  if (known) return known
  const path = join(tree.folder, `${tree.finished.size}.ndjson`)
  const made = makeInnerRows(source, settings, tree, path)
  tree.finished.set(source.rule, made)
  return made
}

async function makeInnerRows(source: RunSource, settings: RunSettings, tree: Tree, path: string): Promise<InputFile> {
  const name = `${source.module}.${source.rule.options.name}`
  settings.onNote?.(`running ${name}, a source of the rule`)
  const run = await runTree(source, settings, tree, false)
  tree.runs.push(run)
  writeRows(path, run)
  const {bad, in: count} = run.account()
  if (bad > 0) settings.onNote?.(`${name}: ${bad} of ${count} records were bad`)
  return {name: `rows of ${name}`, path, bytes: statSync(path).size, compression: 'none', format: {format: 'json'}}
}

/** Rows by the parts' own names, with `_keyset`, so that the outer rule can tell keysets apart. */
function writeRows(path: string, run: RuleRun): void {
  const headers = run.headers.map((header, index) => ({...header, columns: partNames(run.plan, index)}))
  try {
    const file = openSync(path, 'w', 0o600)
    try {
      for (const text of formatRows('ndjson', headers, run.rows())) writeSync(file, text)
    } finally {
      closeSync(file)
    }
  } catch (error) {
    if (error instanceof UserError || error instanceof InvariantError) throw error
    throw new UserError('SPILL_FAILED', `cannot write rows of an inner rule to ${path}: ${messageOf(error)}`, {
      cause: error,
    })
  }
}

function partNames(plan: Plan, keyset: number): string[] {
  const {keyParts, values, extraColumns} = plan.keysets[keyset]!
  return [...keyParts.map(part => part.name), ...values.map(value => value.column), ...extraColumns]
}

async function runOne(
  source: RunSource,
  settings: RunSettings,
  files: readonly InputFile[],
  isOutermost: boolean,
): Promise<RuleRun> {
  const {rule, address} = source
  const {plan} = compilePlan(rule, {module: source.module, keyset: source.keyset})
  // Few look at it, and Node's crypto takes milliseconds to load.
  let madeId: string | undefined
  const jobId = (): string => {
    madeId ??= `${rule.options.name}@${planHash(plan).slice(0, 8)}-${randomUUID().slice(0, 8)}`
    return madeId
  }
  // One object for all hooks of this thread: what ruleInitFunction puts there the others find, threads get a copy.
  const params = overlayParams(rule.options.params, settings.params)
  await callHook('ruleInitFunction', plan.rule, () => rule.options.ruleInitFunction?.(params))
  const run = await LocalRun.start({
    plan,
    rule,
    address,
    params,
    files,
    threads: settings.threads,
    memoryBytes: settings.memoryBytes,
    sample: settings.sample,
    engine: settings.engine,
    maxBad: settings.maxBad,
    keepsBad: isOutermost && (settings.keepsBad ?? false),
    rowsAreText: isOutermost && (settings.rowsAreText ?? false),
    ...(isOutermost && settings.onProgress ? {onProgress: settings.onProgress} : {}),
    signal: settings.signal,
  })
  return {
    plan,
    rule,
    get jobId() {
      return jobId()
    },
    params,
    headers: headersOf(plan),
    threads: run.scannerCount,
    spilledBytes: run.spilledBytes,
    inner: [],
    rows: () => run.rows(),
    textRows: templateOf => run.textRows(templateOf),
    account: () => run.account(),
    badLines: () => run.badLines(),
    unusedFiles: run.unusedFiles,
    cleanUp: () => callHook('ruleCleanup', plan.rule, () => rule.options.ruleCleanup?.({jobId: jobId(), params})),
    close: () => run.close(),
  }
}

/** A header for each keyset, in the order of the plan. */
export function headersOf(plan: Plan): KeysetHeader[] {
  return plan.keysets.map(({name, columns, keyParts, table}) => ({name, columns, keyCount: keyParts.length, table}))
}
