/**
 * Parameters of a run, from where they may come: settings < -l files in order < -P in order (spec 14.1, D49). The rule's own
 * are below all of these and known only where the rule is loaded.
 */
import {messageOf, UserError} from '../base/index.ts'
import {readText, type Settings} from './settings.ts'

export interface ParameterSources {
  readonly settings: Settings
  /** -l: YAML files. */
  readonly files: readonly string[]
  /** -P: `name=value` (the value is YAML: numbers, true, lists) or a YAML mapping `name: value`. */
  readonly assignments: readonly string[]
  /** --data-file: its lines become the parameter `dataFile`. */
  readonly dataFile: string | undefined
}

/** @throws UserError BAD_PARAMETERS */
export async function resolveParameters({
  settings,
  files,
  assignments,
  dataFile,
}: ParameterSources): Promise<Record<string, unknown>> {
  // Most runs have none, and YAML takes a while to load.
  const yaml = files.length > 0 ? await import('./yaml.ts') : undefined
  return Object.assign(
    {},
    settings.params,
    ...files.map(path => yaml!.parseMapping(readText(path, 'parameter file'), path)),
    await parseAssignments(assignments),
    dataFile === undefined ? {} : {dataFile: linesOf(readText(dataFile, 'data file'))},
  ) as Record<string, unknown>
}

/**
 * What `-P` says; of a name that comes twice the last.
 *
 * @param texts - `name=value` (the value is YAML) or a YAML mapping each
 * @throws UserError BAD_PARAMETERS
 */
export async function parseAssignments(texts: readonly string[]): Promise<Record<string, unknown>> {
  if (texts.length === 0) return {}
  const yaml = await import('./yaml.ts')
  return Object.assign({}, ...texts.map(text => parseAssignment(text, yaml))) as Record<string, unknown>
}

type Yaml = typeof import('./yaml.ts')

function parseAssignment(text: string, yaml: Yaml): Record<string, unknown> {
  const assignment = /^([\w.-]+)=(.*)$/s.exec(text)
  if (!assignment) return yaml.parseMapping(text, `-P '${text}'`, 'write it as name=value')
  try {
    return {[assignment[1]!]: assignment[2] === '' ? '' : typedValue(assignment[2]!, yaml)}
  } catch (error) {
    throw new UserError('BAD_PARAMETERS', `the value of -P ${assignment[1]} is not YAML: ${messageOf(error)}`, {
      hint: 'quote it: -P \'name="value: with a colon"\'',
      exitCode: 2,
    })
  }
}

/** A number that would not print as it was typed (01234, 1.50) stays text: it may be a code. */
function typedValue(text: string, {parseYaml}: Yaml): unknown {
  const value: unknown = parseYaml(text)
  return typeof value === 'number' && String(value) !== text.trim() ? text.trim() : value
}

/** Lines with their ends, as Inferno handed them over. */
function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? []
}
