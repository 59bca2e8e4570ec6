/** Runs the commands that read data from their parsed command lines, past oclif. */
import type {ManifestCommand} from './manifest.ts'
import {type PlainLine, plainFlags} from './plain-flags.ts'
import type {QueryFlags} from './run-query.ts'
import type {RunRulesFlags} from './run-rules.ts'

/** oclif prints JSON when this is set to it. */
const contentType = 'DISCO_INFERNO_CONTENT_TYPE'

const commands: Readonly<Record<string, (line: PlainLine) => (() => Promise<unknown>) | undefined>> = {
  'inferno:query':
    ({words, flags}) =>
    async () =>
      (await import('./run-query.ts')).runQuery(words, flags as unknown as QueryFlags),
  'inferno:run': ({words, flags}) => {
    const [rule, ...rest] = words
    if (rule === undefined || rest.length > 0) return undefined
    return async () => (await import('./run-rules.ts')).runRules(rule, flags as unknown as RunRulesFlags)
  },
}

/** @returns undefined when the command or its line is for oclif */
export function plainRun(
  command: ManifestCommand,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): (() => Promise<unknown>) | undefined {
  const start = commands[command.id]
  if (start === undefined || env[contentType] !== undefined) return undefined
  const line = plainFlags(args, command, env)
  if (line === undefined) return undefined
  const flags = {...line.flags}
  const run = start({...line, flags})
  if (run === undefined) return undefined
  return async () => {
    const {applySettings} = await import('./apply-settings.ts')
    await applySettings({flags, typed: line.typed, known: command.flags})
    return run()
  }
}
