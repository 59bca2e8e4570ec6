/**
 * The process that reads a folder of rules for the daemon: authors' code runs here and not there. What it finds goes to descriptor 3,
 * a line of JSON before and after each file.
 */
import {readFileSync, writeSync} from 'node:fs'
import {basename, extname, resolve} from 'node:path'
import {messageOf, UserError} from '../../base/index.ts'
import {
  durationMs,
  type ModuleReading,
  type ReaderLine,
  type RuleFileProblem,
  type RuleReading,
} from '../../daemon/index.ts'
import {ruleFilesIn} from '../../project/index.ts'
import {archiveClashes, checkRule, formatProblems, type NamedRule, type Rule} from '../../rules/index.ts'
import {loadRuleModule} from '../../worker/index.ts'

export interface ReadRulesOptions {
  /** Files that are passed over. */
  readonly leave: readonly string[]
  /** Only this module. */
  readonly only: string | undefined
  /** Of rules that do not say. */
  readonly catchUp: 'once' | 'skip' | undefined
}

const linesDescriptor = 3

/** Ends the process. What is wrong with one file is told in its line; only a folder that cannot be read is a failure. */
export async function readRulesForDaemon(directory: string, {leave, only, catchUp}: ReadRulesOptions): Promise<void> {
  const sound: NamedRule[] = []
  try {
    for (const file of ruleFilesIn(resolve(directory))) {
      const module = basename(file, extname(file))
      if (leave.includes(file) || (only !== undefined && only !== module) || !mayBeAutomatic(file)) continue
      say({type: 'file', file})
      say({type: 'module', reading: await readModule(file, module, catchUp, sound)})
    }
    for (const {text} of archiveClashes(sound)) say({type: 'warning', text})
    say({type: 'end'})
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    say({type: 'failed', message: error.message, hint: error.hint})
  }
  // Timers that a rule file started would keep it.
  process.exit(0)
}

/** Files without the word are left alone: modules that rules import, rules for running by hand. */
const mayBeAutomatic = (file: string): boolean => readFileSync(file, 'utf8').includes('AUTORUN')

function say(line: ReaderLine): void {
  writeSync(linesDescriptor, `${JSON.stringify(line)}\n`)
}

async function readModule(
  file: string,
  module: string,
  catchUp: ReadRulesOptions['catchUp'],
  sound: NamedRule[],
): Promise<ModuleReading<RuleReading>> {
  try {
    const {isAutorun, rules, source, modulesRead} = await loadRuleModule(file)
    const problems: RuleFileProblem[] = []
    const readings: RuleReading[] = []
    const names = new Set<string>()
    for (const rule of isAutorun ? rules : []) {
      const name = `${module}.${rule.options.name}`
      const found = checkRule(rule, {source})
      const line = found[0]?.line ?? rule.definedAt?.line
      if (found.length > 0) problems.push({rule: name, line, message: formatProblems(rule, found)})
      else if (names.has(name)) problems.push({rule: name, line, message: `there are two rules ${name}`})
      else if (rule.options.run !== false) {
        readings.push(readingOf(name, rule, catchUp))
        sound.push({name, rule})
      }
      names.add(name)
    }
    return {module, file, rules: readings, problems, modulesRead: modulesRead.filter(path => !isOfPackage(path))}
  } catch (error) {
    return {
      module,
      file,
      rules: [],
      problems: [{line: lineIn(file, error), message: messageOf(error)}],
      modulesRead: [],
    }
  }
}

const isOfPackage = (path: string): boolean => /[\\/]node_modules[\\/]/.test(path)

/** `…/clicks.ts:7` in what an error says. */
function lineIn(file: string, error: unknown): number | undefined {
  const texts = [messageOf(error), error instanceof Error ? (error.stack ?? '') : '']
  for (const text of texts) {
    const match = new RegExp(`${RegExp.escape(basename(file))}:(\\d+)`).exec(text)
    if (match !== null) return Number(match[1])
  }
  return undefined
}

const retryLimitDefault = 2
const retryHoursDefault = 1
const hourMs = 3_600_000

function readingOf(name: string, {options, definedAt}: Rule, catchUpUsual: ReadRulesOptions['catchUp']): RuleReading {
  const {
    timeDelta,
    cron,
    timeZone,
    catchUp = catchUpUsual,
    maxAge,
    retry,
    retryLimit,
    retryDelay,
    description,
  } = options
  return {
    name,
    line: definedAt?.line,
    description,
    schedule: {timeDelta, cron, timeZone, catchUp},
    retry:
      retry === true
        ? {countMax: retryLimit ?? retryLimitDefault, delayMs: Math.round((retryDelay ?? retryHoursDefault) * hourMs)}
        : undefined,
    maxAgeMs: maxAge === undefined ? undefined : durationMs(maxAge),
    notify: {
      isOnFail: options.notifyOnFail === true,
      isOnSuccess: options.notifyOnSuccess === true,
      addresses: options.notifyAddresses ?? [],
      isPagerduty: options.notifyPagerduty === true,
      pagerdutyKey: options.notifyPagerdutyKey,
      webhook: options.notifyWebhook,
      webhookFormat: options.notifyWebhookFormat,
    },
  }
}
