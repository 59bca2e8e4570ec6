/** What a reading of the rule folder changes. A file that is broken keeps the rules that it had when it was whole. */
import type {ModuleReading, RuleDefinition, RuleFileProblem} from './definition.ts'
import {knownRule} from './definition.ts'
import {change, type DaemonState, type Effects, newRecord, type RuleEntry} from './state.ts'

/** @param modules - all of the folder: rules of a module that is not among them are gone */
export function takeReading(
  state: DaemonState,
  modules: readonly ModuleReading[],
  nowMs: number,
  effects: Effects,
): void {
  const before = new Map(state.rules)
  state.rules.clear()
  for (const reading of modules) takeModule(state, reading, before)
  for (const [name, {definition, problem}] of state.rules) {
    const old = before.get(name)
    if (!state.records.has(name)) change(state, newRecord(name, nowMs), {})
    const {file} = definition
    if (old === undefined) logRule('rule added')
    else if (old.definition.key !== definition.key) logRule('rule changed')
    if (problem === undefined && old?.problem !== undefined) logRule('rule file is whole again')
    function logRule(msg: string): void {
      effects.push({type: 'log', line: {level: 'info', msg, rule: name, file, schedule: definition.schedule.text}})
    }
  }
  for (const [name, {definition}] of before) {
    if (state.rules.has(name)) continue
    effects.push({type: 'log', line: {level: 'info', msg: 'rule removed', rule: name, file: definition.file}})
  }
  for (const {module, file, problems} of modules) {
    const runs = [...state.rules.values()].filter(({definition}) => definition.module === module)
    for (const problem of problems) {
      const isRunning = runs.some(({definition}) => problem.rule === undefined || problem.rule === definition.name)
      logProblem(file, problem, isRunning, effects)
    }
  }
  saveKnown(state, effects)
}

function takeModule(
  state: DaemonState,
  {module, file, rules, problems}: ModuleReading,
  before: ReadonlyMap<string, RuleEntry>,
): void {
  const whole = problems.find(({rule}) => rule === undefined)
  for (const definition of rules) {
    // A rule that is there all the same was read from a copy.
    const problem = problems.find(({rule}) => rule === definition.name) ?? whole
    const text = problem === undefined ? undefined : textOf(file, problem)
    state.rules.set(definition.name, entryOf(definition, text, before))
  }
  for (const [name, old] of before) {
    if (old.definition.module !== module || state.rules.has(name)) continue
    const problem = problems.find(({rule}) => rule === name) ?? whole
    if (problem !== undefined) state.rules.set(name, entryOf(old.definition, textOf(file, problem), before))
  }
}

function entryOf(
  definition: RuleDefinition,
  problem: string | undefined,
  before: ReadonlyMap<string, RuleEntry>,
): RuleEntry {
  const old = before.get(definition.name)
  const due = old?.definition.key === definition.key ? old.due : undefined
  return {definition, problem, due}
}

/** `rules/clicks.ts:7  expected …` */
function textOf(file: string, {line, message}: RuleFileProblem): string {
  return line === undefined || message.startsWith(`${file}:`) ? message : `${file}:${line}  ${message}`
}

/** @param isRunning - rules of the file were read when it was whole */
function logProblem(file: string, {rule, line, message}: RuleFileProblem, isRunning: boolean, effects: Effects): void {
  effects.push({
    type: 'log',
    line: {
      level: 'error',
      msg: isRunning
        ? 'rule file is broken; its rules go on as they were'
        : 'rule file is broken; its rules do not run',
      file: line === undefined ? file : `${file}:${line}`,
      problem: message,
      ...(rule !== undefined && {rule}),
    },
  })
}

/** So that commands can show rules that never ran. */
function saveKnown(state: DaemonState, effects: Effects): void {
  const rules = [...state.rules.values()].map(({definition, problem}) => knownRule(definition, problem))
  const key = JSON.stringify(rules)
  if (key === state.knownKey) return
  state.knownKey = key
  effects.push({type: 'save-known', rules})
}
