/** A rule as the daemon needs it: when it runs and whom to tell. What it computes is the run's business. */
import type {KnownRule} from '../../storage/index.ts'
import type {NotifyWishes} from '../notify/index.ts'
import type {Schedule, ScheduleOptions} from '../schedule/index.ts'

/** As the reading process writes it: plain JSON. */
export interface RuleReading {
  /** `module.rule` */
  readonly name: string
  readonly line?: number | undefined
  readonly description?: string | undefined
  readonly schedule: ScheduleOptions
  /** Undefined: a failure waits for the next run by schedule. */
  readonly retry?: {readonly countMax: number; readonly delayMs: number} | undefined
  readonly maxAgeMs?: number | undefined
  readonly notify: NotifyWishes
}

export interface RuleDefinition extends Omit<RuleReading, 'schedule'> {
  readonly module: string
  readonly file: string
  readonly schedule: Schedule
  /** Equal for two readings that say the same. */
  readonly key: string
}

/** Something that is wrong with a rule file. */
export interface RuleFileProblem {
  /** Undefined: all rules of the file. */
  readonly rule?: string | undefined
  readonly line?: number | undefined
  readonly message: string
}

/** One rule file as it was read. Rules that are not automatic are left out. */
export interface ModuleReading<Rule = RuleDefinition> {
  readonly module: string
  readonly file: string
  readonly rules: readonly Rule[]
  readonly problems: readonly RuleFileProblem[]
  /** Files beside the rule file that it was made from. */
  readonly modulesRead: readonly string[]
}

/** What is saved of a rule for commands that show it. @param problem - of its file, when that is broken now */
export function knownRule(definition: RuleDefinition, problem: string | undefined): KnownRule {
  const {name, file, line, description, schedule, maxAgeMs} = definition
  return {name, file, line, description, schedule: schedule.text, maxAgeMs, problem}
}
