/** The layer rules as a function from source files to sentences about what is wrong. */
import {posix} from 'node:path'
import {factsOf, type Import, type SourceFacts, type SourceFile} from './source.ts'
import {type LayerRow, type PurityException, pureBuiltins, purePackages} from './table.ts'

interface Checked extends SourceFile, SourceFacts {
  readonly module: string
}

/**
 * @returns one sentence per problem, in file order; empty when all is well
 */
export function checkLayers(
  files: readonly SourceFile[],
  table: Readonly<Record<string, LayerRow>>,
  exceptions: readonly PurityException[] = [],
): string[] {
  const checked = files.map(file => ({...file, ...factsOf(file), module: moduleOf(file.path)}))
  const unused = new Set(exceptions)
  const problems = checked.flatMap(file => {
    const row = table[file.module]
    if (row === undefined) return [`${file.path}: the module ${file.module} is not in the layer table`]
    const impurities = row.isPure ? impurityProblems(file) : []
    const excepted = impurities.filter(what => {
      const exception = exceptions.find(one => one.path === file.path && one.allows === what)
      if (exception !== undefined) unused.delete(exception)
      return exception === undefined
    })
    const pure = excepted.map(what => `${file.path}: ${what} in the pure module ${file.module}`)
    return [...file.imports.flatMap(one => edgeProblems(file, one, row)), ...pure]
  })
  const stale = [...unused].map(one => `${one.path}: the exception for ${one.allows} is not needed`)
  return [...problems, ...cycleProblems(checked), ...stale]
}

/** `src/rules/steps/where.ts` is in `rules`, `src/api.ts` is `api.ts`, all of commands/ is `commands`. */
function moduleOf(path: string): string {
  const [top, second] = path.split('/')
  return top === 'src' ? (second ?? '') : (top ?? '')
}

/** The file an import means, relative to the project; undefined for packages, built-ins and files outside src/ and commands/. */
function targetOf(file: SourceFile, from: string): string | undefined {
  if (!from.startsWith('.')) return undefined
  const target = posix.join(posix.dirname(file.path), from)
  return /^(src|commands)\//.test(target) ? target : undefined
}

function edgeProblems(file: Checked, one: Import, row: LayerRow): string[] {
  const target = targetOf(file, one.from)
  if (target === undefined) return []
  const module = moduleOf(target)
  if (module === file.module) return []
  const allowed = [...row.mayImport, ...(one.isType ? (row.mayImportTypes ?? []) : [])]
  if (!allowed.includes(module)) {
    return [`${file.path}: ${file.module} may not import ${one.isType ? 'types of ' : ''}${module}`]
  }
  const isPublic = [`src/${module}/index.ts`, `src/${module}`].includes(target) || row.mayReachInto?.includes(module)
  return isPublic ? [] : [`${file.path}: imports ${target}, not the index.ts of ${module}`]
}

function impurityProblems(file: Checked): string[] {
  const imports = file.imports.filter(one => !one.isType && !one.from.startsWith('.') && !isPureImport(one))
  return [...imports.map(one => one.from), ...file.impurities]
}

function isPureImport(one: Import): boolean {
  if (!one.from.startsWith('node:')) return purePackages.includes(one.from)
  const names = Object.hasOwn(pureBuiltins, one.from) ? pureBuiltins[one.from] : []
  if (names === 'all') return true
  return one.names !== undefined && one.names.length > 0 && one.names.every(name => names?.includes(name))
}

/** Groups of files that import each other when they are loaded (Tarjan's strongly connected components). */
function cycleProblems(files: readonly Checked[]): string[] {
  const byPath = new Map(files.map(file => [file.path, file]))
  const targets = (file: Checked): Checked[] =>
    file.imports
      .filter(one => !one.isType && !one.isDynamic)
      .flatMap(one => byPath.get(targetOf(file, one.from) ?? '') ?? [])

  const order = new Map<Checked, number>()
  const low = new Map<Checked, number>()
  const stack: Checked[] = []
  const problems: string[] = []
  const enter = (file: Checked): void => {
    order.set(file, order.size)
    low.set(file, order.get(file)!)
    stack.push(file)
    for (const target of targets(file)) {
      if (!order.has(target)) enter(target)
      if (stack.includes(target)) low.set(file, Math.min(low.get(file)!, low.get(target)!))
    }
    if (low.get(file) !== order.get(file)) return
    const component = stack.splice(stack.indexOf(file))
    const isCycle = component.length > 1 || targets(file).includes(file)
    if (isCycle) problems.push(`import cycle: ${component.map(one => one.path).join(', ')}`)
  }
  for (const file of files) if (!order.has(file)) enter(file)
  return problems
}
