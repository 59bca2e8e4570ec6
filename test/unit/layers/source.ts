/** What the layer check needs to know about one source file: its imports, and where it touches the world. */
import {parseAst} from 'rolldown/parseAst'

export interface SourceFile {
  /** Relative to the project, with `/`. */
  readonly path: string
  readonly text: string
}

export interface Import {
  readonly from: string
  readonly isType: boolean
  /** True for `import()`: no part of the load order. */
  readonly isDynamic: boolean
  /** Imported names; undefined when all of the module may be used. */
  readonly names: readonly string[] | undefined
}

export interface SourceFacts {
  readonly imports: readonly Import[]
  /** Clock, randomness, timers, I/O that need no import: `Date.now`, `process` … */
  readonly impurities: readonly string[]
}

const impureGlobals = new Set([
  'process',
  'performance',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'fetch',
  'WebSocket',
  'Worker',
  'console',
  'crypto',
  'require',
])

interface Node {
  readonly type: string
  readonly [name: string]: unknown
}

export function factsOf(file: SourceFile): SourceFacts {
  const program = parseAst(file.text, {lang: file.path.endsWith('.tsx') ? 'tsx' : 'ts'}) as unknown as Node
  const imports: Import[] = []
  const impurities = new Set<string>()
  visit(program, node => {
    const found = importOf(node)
    if (found !== undefined) imports.push(found)
    const impurity = impurityOf(node)
    if (impurity !== undefined) impurities.add(impurity)
  })
  return {imports, impurities: [...impurities]}
}

/** Calls `look` for every node that is code or a type import; other types and mere names of properties are left out. */
function visit(value: unknown, look: (node: Node) => void): void {
  if (Array.isArray(value)) {
    for (const item of value) visit(item, look)
    return
  }
  if (!isNode(value)) return
  look(value)
  for (const [key, child] of Object.entries(value)) {
    const isName = (key === 'property' || key === 'key') && value.computed === false
    if (!isName && key !== 'imported' && key !== 'exported') visit(child, look)
  }
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as Partial<Node>).type === 'string'

function importOf(node: Node): Import | undefined {
  const from = (node.source as {value?: unknown} | null | undefined)?.value
  if (typeof from !== 'string') return undefined
  const names = specifierNames(node)
  switch (node.type) {
    case 'ImportDeclaration':
      return {from, isType: node.importKind === 'type' || isAllTypes(node), isDynamic: false, names}
    case 'ExportNamedDeclaration':
      return {from, isType: node.exportKind === 'type' || isAllTypes(node), isDynamic: false, names}
    case 'ExportAllDeclaration':
      return {from, isType: node.exportKind === 'type', isDynamic: false, names: undefined}
    case 'ImportExpression':
      return {from, isType: false, isDynamic: true, names: undefined}
    case 'TSImportType':
      return {from, isType: true, isDynamic: false, names: undefined}
    default:
      return undefined
  }
}

const specifiersOf = (node: Node): readonly Node[] => (node.specifiers as readonly Node[] | undefined) ?? []

function isAllTypes(node: Node): boolean {
  const specifiers = specifiersOf(node)
  return specifiers.length > 0 && specifiers.every(one => one.importKind === 'type' || one.exportKind === 'type')
}

function specifierNames(node: Node): readonly string[] | undefined {
  const names = specifiersOf(node).map(one => (one.imported ?? one.local) as {name?: string})
  const isNamed = specifiersOf(node).every(one => one.type === 'ImportSpecifier' || one.type === 'ExportSpecifier')
  return isNamed ? names.map(name => name.name ?? '') : undefined
}

function impurityOf(node: Node): string | undefined {
  const callee = nameOf(node.callee)
  if (node.type === 'NewExpression' && callee === 'Date' && (node.arguments as unknown[]).length === 0)
    return 'new Date()'
  if (node.type === 'CallExpression' && callee === 'Date') return 'Date()'
  if (node.type === 'MemberExpression') {
    const member = `${nameOf(node.object)}.${nameOf(node.property)}`
    if (member === 'Date.now' || member === 'Math.random') return member
    // Its order depends on the machine's language settings.
    if (nameOf(node.property) === 'localeCompare') return 'localeCompare'
  }
  return node.type === 'Identifier' && impureGlobals.has(String(node.name)) ? String(node.name) : undefined
}

const nameOf = (node: unknown): string | undefined =>
  isNode(node) && node.type === 'Identifier' ? String(node.name) : undefined
