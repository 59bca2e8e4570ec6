/** The folder of rules as the daemon has it: read, read again after each change, with copies of what was whole. */
import {messageOf, UserError} from '../../base/index.ts'
import {compileSchedule, loadCron} from '../schedule/index.ts'
import {RuleCopies} from './copies.ts'
import type {ModuleReading, RuleDefinition, RuleReading} from './definition.ts'
import {assertFolder, readFolder} from './read-folder.ts'
import {type FolderWatcher, watchFolder} from './watch-folder.ts'

export interface RuleFolderOptions {
  /** Absolute path. */
  readonly folder: string
  readonly stateFolder: string
  readonly reader: readonly string[]
  readonly onRead: (modules: readonly ModuleReading[]) => void
  readonly onProblem: (message: string) => void
  /** Hears once of what is wrong between rules. */
  readonly onWarning: (text: string) => void
}

/** The first reading that fails is thrown by `open`; later ones go to `onProblem`, and the rules stay as they were. */
export class RuleFolder {
  readonly #options: RuleFolderOptions
  readonly #copies: RuleCopies
  readonly #stopping = new AbortController()
  #watcher: FolderWatcher | undefined
  #work: Promise<void> = Promise.resolve()
  #isFirst = true
  #isAsked = false
  #warnings: ReadonlySet<string> = new Set()

  constructor(options: RuleFolderOptions) {
    this.#options = options
    this.#copies = new RuleCopies(options.stateFolder, options.folder)
  }

  /** Reads for the first time, then follows. @throws UserError RULE_NOT_FOUND */
  async open(): Promise<void> {
    const {folder, onProblem} = this.#options
    assertFolder(folder)
    const watcher = await watchFolder(folder, () => this.#readAgain(), onProblem)
    if (this.#stopping.signal.aborted) {
      await watcher.close()
      return
    }
    this.#watcher = watcher
    this.#options.onRead(await this.#read())
  }

  /** Where a run finds its rule. */
  folderFor({module}: RuleDefinition, isFromCopy: boolean): string {
    return isFromCopy && this.#copies.has(module) ? this.#copies.rulesFolder(module) : this.#options.folder
  }

  async close(): Promise<void> {
    this.#stopping.abort()
    await this.#watcher?.close()
    await this.#work
  }

  /** One reading at a time; changes during one lead to another. */
  #readAgain(): void {
    if (this.#isAsked) return
    this.#isAsked = true
    this.#work = this.#work.then(async () => {
      this.#isAsked = false
      if (this.#stopping.signal.aborted) return
      try {
        this.#options.onRead(await this.#read())
      } catch (error) {
        if (!this.#stopping.signal.aborted) this.#options.onProblem(messageOf(error))
      }
    })
  }

  async #read(): Promise<ModuleReading[]> {
    const {folder, reader} = this.#options
    const {signal} = this.#stopping
    const warnings = new Set<string>()
    const readings = await readFolder(folder, {reader, signal, onWarning: text => warnings.add(text)})
    for (const text of warnings) if (!this.#warnings.has(text)) this.#options.onWarning(text)
    this.#warnings = warnings
    this.#watcher?.add(readings.flatMap(({modulesRead}) => modulesRead))
    const modules: ModuleReading[] = []
    for (const reading of readings) {
      const known = modules.find(({module}) => module === reading.module)
      if (known !== undefined)
        throw new UserError('BAD_RULE', `${known.file} and ${reading.file} are one module`, {
          hint: 'rules are called by the name of their file: rename one of the two',
        })
      modules.push(await this.#take(reading))
    }
    this.#isFirst = false
    return modules
  }

  async #take(reading: ModuleReading<RuleReading>): Promise<ModuleReading> {
    const rules = await definitionsOf(reading, reading.rules)
    const module = {...reading, rules}
    if (reading.problems.length === 0) {
      if (rules.length > 0) this.#copies.keep(reading)
      return module
    }
    // The daemon was started anew while a file is broken: its rules are in the copy.
    const needsCopy = this.#isFirst && this.#copies.has(reading.module)
    if (!needsCopy) return module
    const {reader} = this.#options
    const copies = await readFolder(this.#copies.rulesFolder(reading.module), {
      reader,
      module: reading.module,
      signal: this.#stopping.signal,
    })
    const old = copies.find(({module: name}) => name === reading.module)?.rules ?? []
    const missing = old.filter(({name}) => !rules.some(rule => rule.name === name))
    const wanted = missing.filter(({name}) => reading.problems.some(({rule}) => rule === undefined || rule === name))
    return {...module, rules: [...rules, ...(await definitionsOf(reading, wanted))]}
  }
}

async function definitionsOf(
  {module, file}: Pick<ModuleReading, 'module' | 'file'>,
  rules: readonly RuleReading[],
): Promise<RuleDefinition[]> {
  const cronClass = rules.some(({schedule}) => schedule.cron !== undefined) ? await loadCron() : undefined
  return rules.map(rule => ({
    ...rule,
    module,
    file,
    schedule: compileSchedule(rule.schedule, cronClass),
    key: JSON.stringify({...rule, line: undefined}),
  }))
}
