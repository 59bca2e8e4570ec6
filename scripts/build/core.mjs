// The core: all that a query loads, as one script instead of fifty modules. Other files of the program import it as a module.
import {createHash} from 'node:crypto'
import {existsSync} from 'node:fs'
import {join} from 'node:path'
import {rolldown} from 'rolldown'

/** What queries, runs of rule files and their threads start from. What these import statically, and use, is in the core. */
const roots = [
  'src/cli/index.ts',
  'src/cli/apply-settings.ts',
  'src/cli/run-query.ts',
  'src/cli/run-rules.ts',
  'src/worker/serve-scans.ts',
]
/** The loader of the core, beside it; its source has the same name. */
export const loader = 'load-core.js'

/**
 * What is reached from the roots by static imports, after what nobody uses is left out: that is known of modules, not of chunks.
 *
 * @param options - the bundler's
 * @returns ids of modules
 */
export async function coreModules(root, options) {
  const files = roots.map(file => join(root, file)).filter(file => existsSync(file))
  const input = Object.fromEntries(files.map((file, index) => [`root-${index}`, file]))
  const bundle = await rolldown({...options, input, logLevel: 'silent'})
  const {output} = await bundle.generate({format: 'esm', preserveModules: true})
  await bundle.close()
  const chunks = new Map(output.filter(({type}) => type === 'chunk').map(chunk => [chunk.fileName, chunk]))
  const reached = new Set(Object.keys(input).map(name => `${name}.js`))
  for (const file of reached) for (const next of chunks.get(file).imports) if (chunks.has(next)) reached.add(next)
  return new Set([...reached].flatMap(file => chunks.get(file).moduleIds))
}

/**
 * Turns the chunk of the core into a script, and a module that exports what the script returns. Imports of files that only hand on
 * what the core has become calls of the loader, in the script plain values.
 */
export const coreAsScript = {
  name: 'core-as-script',
  generateBundle(_, bundle) {
    const chunks = Object.values(bundle).filter(({type}) => type === 'chunk')
    const core = chunks.find(({fileName}) => /^core-[^/]*\.js$/.test(fileName))
    const handedOn = new Map(chunks.flatMap(chunk => handedOnBy(chunk, core, this.parse)))
    const runtimeFile = core.imports.find(file => bundle[file] !== undefined)
    const runtime = runtimeFile && runtimeOf(bundle[runtimeFile].code, this.parse)
    const {code, exported} = functionOf(core.code, this.parse(core.code), {
      expressionOf: file => file === `./${runtimeFile}` && `(${runtime})(meta)`,
      handedOn,
    })
    const script = ascii(`(${code})\n`)
    // What is no script (an await outside of functions) fails the build.
    this.parse(script, {sourceType: 'script'})
    const scriptName = `core-${createHash('sha256').update(script).digest('hex').slice(0, 12)}.cjs`
    this.emitFile({type: 'asset', fileName: scriptName, source: script})
    const load = `loadCore(new URL("./${scriptName}", import.meta.url).href)`
    const head = `import { loadCore } from "./${loader}";\n`
    for (const chunk of chunks) {
      const isAffected = [...handedOn.keys()].some(file => chunk.code.includes(`import("./${file}")`))
      if (chunk === core || !isAffected) continue
      const edits = importsOf(this.parse(chunk.code), handedOn, load)
      if (edits.length > 0) chunk.code = head + edited(chunk.code, edits)
    }
    // An export may be called like a word of the language, a variable may not.
    const names = [...exported.keys()]
    const variables = names.map((name, index) => `_${index} = core.${name}`)
    const exports = names.map((name, index) => `_${index} as ${name}`)
    core.code = `${head}const core = ${load}, ${variables.join(', ')};\nexport { ${exports.join(', ')} };\n`
  },
}

/** The bundler's own few functions. `require` is not among them: the core loads no package, and to make it takes half a millisecond. */
function runtimeOf(code, parse) {
  const whole = functionOf(code, parse(code)).code
  const without = whole.replace('createRequire(meta.url)', '() => { throw new Error("the core requires nothing") }')
  if (without === whole)
    throw new Error('Build failed: the runtime of the bundler makes no require any more; see core.mjs.')
  return without
}

/** A file that only hands on exports of the core: `[file, [[name, name in the core], …]]`, else nothing. */
function handedOnBy({fileName, code}, core, parse) {
  if (!/^export \{[^}]*\} from /.test(code)) return []
  const {body} = parse(code)
  const isOnlyThat = node => node.type === 'ExportNamedDeclaration' && node.source?.value === `./${core.fileName}`
  if (body.length === 0 || !body.every(isOnlyThat)) return []
  return [[fileName, body.flatMap(node => node.specifiers.map(({local, exported}) => [exported.name, local.name]))]]
}

/**
 * A module as the text of a function that returns its exports. What it is given stands for `import.meta`, and has `importModule` for
 * `import()`.
 *
 * @param expressionOf - what stands for an imported module
 * @param handedOn - files that hand on what this module exports
 * @returns `exported`: names to the names inside
 */
function functionOf(code, program, {expressionOf = () => false, handedOn = new Map()} = {}) {
  const exported = new Map()
  const edits = []
  for (const node of program.body) {
    if (node.type === 'ExportNamedDeclaration' && !node.source && !node.declaration) {
      for (const specifier of node.specifiers) exported.set(specifier.exported.name, specifier.local.name)
      edits.push([node, ''])
    } else if (node.type === 'ImportDeclaration') {
      const expression = expressionOf(node.source.value)
      if (!expression) throw new Error(`Build failed: the core imports ${node.source.value}, which is not in it.`)
      const names = node.specifiers.map(({imported, local}) => `${imported.name}: ${local.name}`)
      edits.push([node, `const {${names.join(', ')}} = ${expression};`])
    } else if (node.type.startsWith('Export')) {
      throw new Error(`Build failed: the core exports by ${code.slice(node.start, node.start + 80)}.`)
    }
  }
  // Whoever imports the core gets the values that it has after loading.
  const variable = variableNames(program)
  for (const name of exported.values())
    if (variable.has(name)) throw new Error(`Build failed: the core changes its export ${name}.`)
  for (const node of nodesOf(program))
    if (node.type === 'MetaProperty' && node.meta.name === 'import') edits.push([node, 'meta'])
  const handedOnHere = importsOf(program, handedOn, 'coreExports')
  edits.push(...handedOnHere)
  const others = nodesOf(program).filter(({type}) => type === 'ImportExpression')
  for (const node of others) {
    if (handedOnHere.every(([known]) => known !== node))
      edits.push([{start: node.start, end: node.start + 'import'.length}, 'meta.importModule'])
  }
  const values = [...exported].map(([name, inside]) => `${name}: ${inside}`)
  return {
    code: `function (meta) {"use strict";\n${edited(code, edits)}\nconst coreExports = {${values.join(', ')}};\nreturn coreExports;\n}`,
    exported,
  }
}

/** Edits that replace `import("./…")` of files that hand on what the core has. @param core - an expression */
function importsOf(program, handedOn, core) {
  const imports = nodesOf(program).filter(({type}) => type === 'ImportExpression')
  return imports.flatMap(node => {
    const names = handedOn.get(String(node.source.value).replace(/^\.\//, ''))
    const values = names?.map(([name, inCore]) => `${name}: core.${inCore}`)
    return values === undefined ? [] : [[node, `Promise.resolve(${core}).then((core) => ({${values.join(', ')}}))`]]
  })
}

/** Variables of a module that may be given another value after their declaration (by name: one of a function counts as well). */
function variableNames(program) {
  const changed = new Set()
  for (const {type, left, argument} of nodesOf(program)) {
    const target = type === 'AssignmentExpression' ? left : type === 'UpdateExpression' ? argument : undefined
    if (target?.type === 'Identifier') changed.add(target.name)
  }
  const variables = program.body.filter(({type, kind}) => type === 'VariableDeclaration' && kind !== 'const')
  const names = variables.flatMap(({declarations}) => declarations.map(({id}) => id.name))
  return new Set(names.filter(name => changed.has(name)))
}

/** All nodes of a syntax tree, in no order. */
function nodesOf(program) {
  const found = []
  const open = [program]
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (typeof node.type === 'string') found.push(node)
    for (const value of Object.values(node)) if (value !== null && typeof value === 'object') open.push(value)
  }
  return found
}

/** From behind: what is before keeps its place. */
function edited(code, edits) {
  const inOrder = edits.toSorted(([a], [b]) => b.start - a.start)
  return inOrder.reduce((text, [{start, end}, by]) => text.slice(0, start) + by + text.slice(end), code)
}

/** Text of one byte a character is read as it is, without decoding. In literals an escape means the same. */
const ascii = code => code.replace(/[^\0-\x7f]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
