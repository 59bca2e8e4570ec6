/** Fields that functions of a rule read although its `fields` does not name them: in a run they are never there. */
import {fieldsForFunctions, hookLabel, type ResolveFunction, traceRecord} from '../../engine/index.ts'
import {compileSelect, type Params, type Parts, type Plan, recordFunctions} from '../../rules/index.ts'

/**
 * Runs JSON lines through a rule and watches what its functions read on the top level of records.
 *
 * @param input - lines that hold no record are left out
 * @returns what to say about it, a line each; empty for a rule that declares no fields
 */
export function undeclaredReads(
  plan: Plan,
  params: Params,
  resolve: ResolveFunction,
  input: string,
): readonly string[] {
  const fields = fieldsForFunctions(plan)
  if (fields === undefined || recordFunctions(plan).length === 0 || plan.format.format !== 'json') return []
  const cut = compileSelect(fields)
  const found = new Set<string>()
  for (const record of input.split('\n').map(recordOf)) {
    if (record === undefined) continue
    const missing = missingFrom(cut(record), record)
    const watched: ResolveFunction = ref => watching(resolve(ref), hookLabel(ref), missing, found)
    if (plan.map === null || plan.map === 'pairs') traceRecord(plan, params, watched, record)
    else callMap(watched(plan.map), cut(record), params)
  }
  return [...found]
}

function missingFrom(cut: Parts, whole: Parts): ReadonlySet<string> {
  return new Set(Object.keys(whole).filter(name => !Object.hasOwn(cut, name)))
}

function recordOf(line: string): Parts | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Parts) : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** What the function throws has been counted in the example's run. */
function callMap(map: (...args: never[]) => unknown, parts: Parts, params: Params): void {
  try {
    Array.from(map(...([parts, params] as never[])) as Iterable<unknown>)
  } catch (error) {
    if (!(error instanceof Error)) throw error
  }
}

/** The function with its records watched: reads of missing fields are noted. */
function watching(
  run: (...args: never[]) => unknown,
  label: string,
  missing: ReadonlySet<string>,
  found: Set<string>,
): (...args: never[]) => unknown {
  const note = (parts: object, name: string | symbol): void => {
    if (typeof name !== 'string' || !missing.has(name) || Object.hasOwn(parts, name)) return
    found.add(`${label} reads the field ${JSON.stringify(name)}, which \`fields\` does not name: it is never there`)
  }
  const watch = (given: unknown): unknown => {
    if (typeof given !== 'object' || given === null || Array.isArray(given)) return given
    return new Proxy(given, {
      get: (parts, name, receiver) => {
        note(parts, name)
        return Reflect.get(parts, name, receiver) as unknown
      },
      has: (parts, name) => {
        note(parts, name)
        return Reflect.has(parts, name)
      },
    })
  }
  return (...args) => run(...([watch(args[0]), ...args.slice(1)] as never[]))
}
