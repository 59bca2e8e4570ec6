/**
 * Loads rule files: plain TypeScript, run by Node's type stripping, importing `disco-inferno`, files beside them and npm
 * packages of their own. The loader records every module a rule file read, because those travel with a job.
 *
 * `disco-inferno` inside a rule file is this very program's API, not a copy from disk: a virtual module hands out the
 * functions that the running program was built with. The same works in a bundle and in a single executable, whose own
 * `import()` knows built-in modules only; that is why the importer is borrowed from a virtual module too.
 */
import {readFileSync, statSync} from 'node:fs'
import {createRequire, registerHooks, stripTypeScriptTypes} from 'node:module'
import {basename, extname, resolve} from 'node:path'
import {fileURLToPath, pathToFileURL} from 'node:url'
import {inspect} from 'node:util'
import * as api from '../api.ts'
import {excerptOf, messageOf, printable, UserError} from '../base/index.ts'
import {isRule, type Rule} from '../rules/index.ts'
import {redirectConsole} from './rule-console.ts'

export interface RuleModule {
  readonly file: string
  /** File name without its ending: the first part of qualified rule names. */
  readonly name: string
  /** In the order of the file. */
  readonly rules: readonly Rule[]
  /** The daemon runs the rules of this module by itself. */
  readonly isAutorun: boolean
  /** Absolute paths of the modules that loading it read, node_modules included, and of lookup files; the rule file first. */
  readonly modulesRead: readonly string[]
  /** Text of the rule file, for line numbers in messages. */
  readonly source: string
}

/** File endings that Node runs as they are. */
export const ruleFileEndings: readonly string[] = ['.ts', '.mts', '.js', '.mjs']

/** Frames of an error while a file is loaded: a nested expression is read in about ten for each level. */
const stackFramesMax = 200

const apiKey = Symbol.for('disco-inferno.api')
const apiUrl = 'disco-inferno:api'
const importerUrl = 'disco-inferno:importer'

interface LoaderState {
  /** Bumped before every load, so that a changed file (or a file it imports) is read again. */
  generation: number
  modulesRead: string[]
  /** URLs that each URL imports: packages are loaded once a process, and belong to every file that imports them. */
  readonly imports: Map<string, Set<string>>
  importModule: (url: string) => Promise<Record<string, unknown>>
}

/** One set of hooks a process: they cannot be taken off again, so they live on the global object beside the API. */
function loaderState(): LoaderState {
  const holder = globalThis as {[apiKey]?: typeof api; [stateKey]?: LoaderState}
  const known = holder[stateKey]
  if (known) return known
  holder[apiKey] = api
  const state: LoaderState = {
    generation: 0,
    modulesRead: [],
    imports: new Map(),
    importModule: () => Promise.reject(new Error('not ready')),
  }
  installHooks(state)
  // An embedded script's own import() knows built-in modules only: borrow one from a module of the real loader.
  const importer = createRequire(resolve('rule-loader.js'))('disco-inferno/importer') as {
    default: LoaderState['importModule']
  }
  state.importModule = importer.default
  holder[stateKey] = state
  return state
}
const stateKey = Symbol.for('disco-inferno.rule-loader')
const filesReadKey = Symbol.for('disco-inferno.files-read')

function installHooks(state: LoaderState): void {
  registerHooks({
    resolve(specifier, context, next) {
      if (specifier === 'disco-inferno') return {url: apiUrl, format: 'module', shortCircuit: true}
      if (specifier === 'disco-inferno/importer') return {url: importerUrl, format: 'module', shortCircuit: true}
      const resolved = next(specifier, context)
      // Only what a rule file imports, and what that imports: the program's own modules must not be loaded a second time.
      const generation = /\?v=\d+$/.exec(specifier.startsWith('file:') ? specifier : (context.parentURL ?? ''))?.[0]
      if (generation === undefined || !resolved.url.startsWith('file:') || resolved.url.includes('/node_modules/')) {
        noteImport(state, context.parentURL, resolved.url)
        return resolved
      }
      // Own files are read anew at each load; packages are not. Rule projects need no package.json: .ts means ES module.
      const url = resolved.url.includes('?') ? resolved.url : resolved.url + generation
      noteImport(state, context.parentURL, url)
      return /\.m?ts(\?|$)/.test(url) ? {...resolved, url, format: 'module-typescript'} : {...resolved, url}
    },
    load(url, context, next) {
      if (url === apiUrl) {
        const names = Object.keys(api).join(', ')
        const source = `export const {${names}} = globalThis[Symbol.for('disco-inferno.api')]`
        return {format: 'module', shortCircuit: true, source}
      }
      if (url === importerUrl)
        return {format: 'module', shortCircuit: true, source: 'export default url => import(url)'}
      if (url.startsWith('file:')) state.modulesRead.push(fileURLToPath(url.replace(/\?.*$/, '')))
      return next(url, context)
    },
  })
}

/** Notes what files with a version and packages import; all else is the program's own. */
function noteImport(state: LoaderState, parent: string | undefined, url: string): void {
  if (parent === undefined || !url.startsWith('file:') || !/\?v=\d+$|\/node_modules\//.test(parent)) return
  const known = state.imports.get(parent)
  if (known) known.add(url)
  else state.imports.set(parent, new Set([url]))
}

/** Paths of all that a URL imports, and what that imports. */
function importsOf(state: LoaderState, url: string): string[] {
  const found = new Set([url])
  for (const each of found) for (const imported of state.imports.get(each) ?? []) found.add(imported)
  return [...found].map(placeOf)
}

/**
 * Evaluates a rule file and collects the rules it exports: the default export and every named one, rules or lists of rules.
 *
 * @throws UserError RULE_FILE_BROKEN when it does not load (with file, line and what was wrong) or exports no rule
 */
export async function loadRuleModule(path: string): Promise<RuleModule> {
  const file = resolve(path)
  if (!statSync(file, {throwIfNoEntry: false})?.isFile()) {
    throw new UserError('RULE_NOT_FOUND', `there is no rule file ${printable(path)}`, {
      hint: 'see the rules of a folder with: inferno rules -y FOLDER',
      exitCode: 2,
    })
  }
  const {source, exports, modulesRead} = await importFile(file, path)
  const rules = collectRules(exports)
  if (rules.length === 0) {
    throw new UserError('RULE_FILE_BROKEN', `${path} exports no rule`, {
      hint: "export what defineRule returns: export default defineRule({name: '…', keyParts: ['…'], valueParts: ['count']})",
    })
  }
  return {
    file,
    name: basename(file, extname(file)),
    rules,
    isAutorun: exports['AUTORUN'] === true,
    modulesRead,
    source,
  }
}

export interface ImportedFile {
  /** Text of the file. */
  readonly source: string
  readonly exports: Readonly<Record<string, unknown>>
  /** Absolute paths of the modules that loading it read, node_modules included; the file first. */
  readonly modulesRead: readonly string[]
}

/**
 * Evaluates a file of a rule or a job anew, also when it was loaded before.
 *
 * @param file - absolute path of a file that is there
 * @param path - as it is shown
 * @throws UserError RULE_FILE_BROKEN with file, line and what was wrong
 */
export async function importFile(file: string, path: string): Promise<ImportedFile> {
  const source = readFileSync(file, 'utf8')
  const state = loaderState()
  state.generation++
  state.modulesRead = []
  // Files that steps of the rule read while it is loaded are as much part of it.
  const holder = globalThis as {[filesReadKey]?: string[]}
  holder[filesReadKey] = state.modulesRead
  const url = `${pathToFileURL(file).href}?v=${state.generation}`
  const exports = await importRuleFile(state, url, path, source)
  // Packages that were loaded before are not read again, and belong to this file all the same.
  return {source, exports, modulesRead: [...new Set([file, ...state.modulesRead, ...importsOf(state, url)])]}
}

async function importRuleFile(
  state: LoaderState,
  url: string,
  path: string,
  source: string,
): Promise<Record<string, unknown>> {
  redirectConsole()
  const {stackTraceLimit} = Error
  // A step that refuses what it is given may be deep inside itself by then: the line that called it is wanted.
  Error.stackTraceLimit = stackFramesMax
  try {
    return await state.importModule(url)
  } catch (error) {
    if (error instanceof UserError) throw placed(error, path)
    throw new UserError(
      'RULE_FILE_BROKEN',
      `${path} does not load: ${describeLoadError(withPlace(error, state.modulesRead))}`,
      {
        cause: error,
        ...hintForLoadError(error, source),
      },
    )
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}

/** What a step of ours refuses while a file is loaded, with the line that called it. */
function placed(error: UserError, path: string): UserError {
  const frame = foreignFrame(error)
  const place = frame === undefined ? printable(path) : `${frame.path}:${frame.line}`
  const {code, message, hint, exitCode} = error
  return new UserError(code, `${place}  ${message}`, {cause: error, exitCode, ...(hint === undefined ? {} : {hint})})
}

/** The innermost frame that is not this program's own. */
function foreignFrame({stack = ''}: Error): {path: string; line: string; column: string} | undefined {
  const frames = stack.matchAll(/\((file:\/\/[^)]+?):(\d+):(\d+)\)|at (?:async )?(file:\/\/\S+?):(\d+):(\d+)/g)
  for (const [, inBrackets, line, column, bare, bareLine, bareColumn] of frames) {
    const url = inBrackets ?? bare!
    if (/\?v=\d+$/.test(url)) return {path: placeOf(url), line: (line ?? bareLine)!, column: (column ?? bareColumn)!}
  }
  return undefined
}

/** Message plus the place: syntax errors carry it at the head of their stack, others in the first frame of a file. */
function describeLoadError(error: unknown): string {
  if (!(error instanceof Error)) return `it throws ${excerptOf(typeof error === 'string' ? error : inspect(error))}`
  const message = `${error.name}: ${error.message.replace(/\?v=\d+/g, '')}`
  const head = syntaxPlace(error)
  if (head) return `${message}\n  ${placeOf(head.url)}:${head.line}\n  ${head.excerpt.replaceAll('\n', '\n  ')}`
  const frame = foreignFrame(error)
  return frame === undefined ? message : `${message}\n  at ${frame.path}:${frame.line}:${frame.column}`
}

/** Where a syntax error is: Node puts the place, the lines around it and a caret above the stack. */
function syntaxPlace({stack = ''}: Error): {url: string; line: string; excerpt: string} | undefined {
  const head = /^(file:\/\/\S+?):(\d+)\n(?:[^\n]*\n)*?([^\n]*\n *\^+)/.exec(stack)
  return head ? {url: head[1]!, line: head[2]!, excerpt: head[3]!} : undefined
}

/**
 * A syntax error of a JavaScript file has no place when it is caught. The stripper of types reads the same grammar and says
 * where it stops.
 */
function withPlace(error: unknown, modulesRead: readonly string[]): unknown {
  if (!(error instanceof SyntaxError) || syntaxPlace(error) || error.message.includes('does not provide an export'))
    return error
  for (const path of modulesRead) {
    try {
      stripTypeScriptTypes(readFileSync(path, 'utf8'), {sourceUrl: pathToFileURL(path).href})
    } catch (placed) {
      if (placed instanceof Error && syntaxPlace(placed)) return placed
    }
  }
  return error
}

function placeOf(url: string): string {
  return fileURLToPath(url.replace(/\?.*$/, ''))
}

function hintForLoadError(error: unknown, source: string): {hint?: string} {
  const code = (error as {code?: unknown} | null)?.code
  const message = messageOf(error)
  if (code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX') {
    return {hint: 'rule files are run with their types stripped: enum, namespace and parameter properties cannot be'}
  }
  if (code === 'ERR_MODULE_NOT_FOUND') {
    return {
      hint: 'import files with their ending (./words.ts) and install packages where the rule file is: npm install NAME',
    }
  }
  const missing = /does not provide an export named '(\w+)'/.exec(message)
  if (missing && message.includes('disco-inferno')) {
    return {hint: `disco-inferno has no "${missing[1]}"; it has: ${Object.keys(api).sort().join(', ')}`}
  }
  const unknown = error instanceof ReferenceError ? /^(\w+) is not defined$/.exec(message)?.[1] : undefined
  if (unknown !== undefined) {
    if (Object.hasOwn(api, unknown)) return {hint: `import it: import {${unknown}} from 'disco-inferno'`}
    return {hint: `the name of a field is text, in quotes: '${unknown}'; a function has to be imported`}
  }
  if (error instanceof SyntaxError && /^(?:from \S+ import |import \w+$|def \w+\(.*\):)/m.test(source)) {
    return {
      hint: 'this looks like Python: rules are TypeScript here, with the same options in camelCase; see docs/from-inferno.md',
    }
  }
  return {}
}

/** The default export first, in its own order; then named exports by the line where they are defined. */
function collectRules(exports: Record<string, unknown>): Rule[] {
  const found = new Set<Rule>(rulesIn(exports['default']))
  const named = Object.entries(exports).flatMap(([name, value]) => (name === 'default' ? [] : rulesIn(value)))
  for (const rule of named.sort((a, b) => (a.definedAt?.line ?? 0) - (b.definedAt?.line ?? 0))) found.add(rule)
  return [...found]
}

function rulesIn(value: unknown): Rule[] {
  if (Array.isArray(value)) return value.flatMap(rulesIn)
  return isRule(value) ? [value] : []
}
