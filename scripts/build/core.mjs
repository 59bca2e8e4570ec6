// The core: all that a query loads, as one script instead of fifty modules; and what a run over tags loads beside it, as another. Other
// files of the program import them as modules.
import {createHash} from 'node:crypto'
import {existsSync} from 'node:fs'
import {join} from 'node:path'
import {rolldown} from 'rolldown'

/**
 * The scripts, with what each starts from: what that imports statically, and uses, is in it. A script has nothing of one before it, and is
 * loaded when that is there. The second one is apart because each query would read it for nothing.
 */
const scripts = [
  {
    name: 'core',
    roots: [
      'src/cli/index.ts',
      'src/cli/apply-settings.ts',
      'src/cli/run-query.ts',
      'src/cli/run-rules.ts',
      'src/worker/serve-scans.ts',
    ],
  },
  {name: 'over-tags', roots: ['src/cli/run-tags.ts', 'src/cli/open-client.ts']},
]
/** The loader of the core, beside it; its source has the same name. */
export const loader = 'load-core.js'

/**
 * What is reached from the roots by static imports, after what nobody uses is left out: that is known of modules, not of chunks.
 *
 * @param options - the bundler's
 * @returns ids of modules by the name of their script
 */
export async function scriptModules(root, options) {
  const found = new Map()
  const roots = []
  const known = new Set()
  for (const script of scripts) {
    roots.push(...script.roots)
    const reached = (await reachedFrom(root, roots, options)).filter(id => !known.has(id))
    for (const id of reached) known.add(id)
    found.set(script.name, new Set(reached))
  }
  return found
}

async function reachedFrom(root, roots, options) {
  const files = roots.map(file => join(root, file)).filter(file => existsSync(file))
  const input = Object.fromEntries(files.map((file, index) => [`root-${index}`, file]))
  const bundle = await rolldown({...options, input, logLevel: 'silent'})
  const {output} = await bundle.generate({format: 'esm', preserveModules: true})
  await bundle.close()
  const chunks = new Map(output.filter(({type}) => type === 'chunk').map(chunk => [chunk.fileName, chunk]))
  const reached = new Set(Object.keys(input).map(name => `${name}.js`))
  for (const file of reached) for (const next of chunks.get(file).imports) if (chunks.has(next)) reached.add(next)
  return [...reached].flatMap(file => chunks.get(file).moduleIds)
}

/**
 * Turns the chunks of the core and of the script after it into scripts, and modules that export what these return. Imports of files that
 * only hand on what a script has become calls of the loader, in the script itself plain values.
 */
export const coreAsScript = {
  name: 'core-as-script',
  generateBundle(_, bundle) {
    const chunks = Object.values(bundle).filter(({type}) => type === 'chunk')
    const [core, overTags] = scripts.map(({name}) => chunks.find(chunk => chunk.name === name))
    const [ofCore, ofOverTags] = [core, overTags].map(
      script => new Map(chunks.flatMap(chunk => handedOnBy(chunk, script, this.parse))),
    )
    const scriptOf = (chunk, handedOn) => {
      const others = chunk.imports.filter(file => bundle[file] !== undefined)
      const runtimeFile = others.find(file => bundle[file].moduleIds.every(id => id.startsWith('\0rolldown/')))
      const runtime = runtimeFile && runtimeOf(bundle[runtimeFile].code, this.parse)
      const fileOf = file => {
        if (file === `./${runtimeFile}`) return `(${runtime})(meta)`
        if (file === `./${core.fileName}` && chunk === overTags) return 'meta.core'
        const modules = bundle[file.slice('./'.length)]?.moduleIds ?? []
        throw new Error(
          `Build failed: a module of ${chunk.name} has a part that only other files use, which imports ${[file, ...modules].join(' ')}. Move it out.`,
        )
      }
      const {code, exported} = functionOf(chunk.code, this.parse(chunk.code), {
        expressionOf: fileOf,
        handedOn,
      })
      const script = ascii(`(${code})\n`)
      // What is no script (an await outside of functions) fails the build.
      this.parse(script, {sourceType: 'script'})
      const hash = createHash('sha256').update(script).digest('hex').slice(0, 12)
      const fileName = `${chunk.name}-${hash}.cjs`
      this.emitFile({type: 'asset', fileName, source: script})
      return {fileName, exported}
    }
    // The core names the script after it, which is given the core.
    const later = scriptOf(overTags, [
      [ofCore, 'meta.core'],
      [ofOverTags, 'scriptExports'],
    ])
    const first = scriptOf(core, [
      [ofCore, 'scriptExports'],
      [ofOverTags, `meta.loadAfter("${later.fileName}")`],
    ])
    const urlOf = ({fileName}) => `new URL("./${fileName}", import.meta.url).href`
    const load = `loadCore(${urlOf(first)})`
    const head = `import { loadCore } from "./${loader}";\n`
    for (const chunk of chunks) {
      const isAffected = [...ofCore.keys()].some(file => chunk.code.includes(`import("./${file}")`))
      if (chunk === core || chunk === overTags || !isAffected) continue
      const edits = importsOf(this.parse(chunk.code), [[ofCore, load]])
      if (edits.length > 0) chunk.code = head + edited(chunk.code, edits)
    }
    core.code = head + moduleOf(load, first.exported)
    const headAfter = `import { loadAfterCore } from "./${loader}";\nimport "./${core.fileName}";\n`
    overTags.code = headAfter + moduleOf(`loadAfterCore(${urlOf(later)})`, later.exported)
  },
}

/** A module that exports what a script returns. An export may be called like a word of the language, a variable may not. */
function moduleOf(load, exported) {
  const names = [...exported.keys()]
  const variables = names.map((name, index) => `_${index} = script.${name}`)
  const exports = names.map((name, index) => `_${index} as ${name}`)
  return `const script = ${load}, ${variables.join(', ')};\nexport { ${exports.join(', ')} };\n`
}

/** The bundler's own few functions. `require` is not among them: the core loads no package, and to make it takes half a millisecond. */
function runtimeOf(code, parse) {
  const whole = functionOf(code, parse(code)).code
  const without = whole.replace('createRequire(meta.url)', '() => { throw new Error("the core requires nothing") }')
  if (without === whole)
    throw new Error('Build failed: the runtime of the bundler makes no require any more; see core.mjs.')
  return without
}

/** A file that only hands on exports of a script: `[file, [[name, name in the script], …]]`, else nothing. */
function handedOnBy({fileName, code}, script, parse) {
  if (!/^export \{[^}]*\} from /.test(code)) return []
  const {body} = parse(code)
  const isOnlyThat = node => node.type === 'ExportNamedDeclaration' && node.source?.value === `./${script.fileName}`
  if (body.length === 0 || !body.every(isOnlyThat)) return []
  return [[fileName, body.flatMap(node => node.specifiers.map(({local, exported}) => [exported.name, local.name]))]]
}

/**
 * A module as the text of a function that returns its exports. What it is given stands for `import.meta`, and has `importModule` for
 * `import()`.
 *
 * @param expressionOf - what stands for an imported module
 * @param handedOn - files that hand on what scripts export, with expressions for these: see importsOf
 * @returns `exported`: names to the names inside
 */
function functionOf(code, program, {expressionOf, handedOn = []} = {}) {
  const exported = new Map()
  const edits = []
  for (const node of program.body) {
    if (node.type === 'ExportNamedDeclaration' && !node.source && !node.declaration) {
      for (const specifier of node.specifiers) exported.set(specifier.exported.name, specifier.local.name)
      edits.push([node, ''])
    } else if (node.type === 'ImportDeclaration') {
      const names = node.specifiers.map(({imported, local}) => `${imported.name}: ${local.name}`)
      edits.push([node, `const {${names.join(', ')}} = ${expressionOf(node.source.value)};`])
    } else if (node.type.startsWith('Export')) {
      throw new Error(`Build failed: a script exports by ${code.slice(node.start, node.start + 80)}.`)
    }
  }
  // Whoever imports a script gets the values that it has after loading.
  const variable = variableNames(program)
  for (const name of exported.values())
    if (variable.has(name)) throw new Error(`Build failed: a script changes its export ${name}.`)
  for (const node of nodesOf(program))
    if (node.type === 'MetaProperty' && node.meta.name === 'import') edits.push([node, 'meta'])
  const handedOnHere = importsOf(program, handedOn)
  edits.push(...handedOnHere)
  const others = nodesOf(program).filter(({type}) => type === 'ImportExpression')
  for (const node of others) {
    if (handedOnHere.every(([known]) => known !== node))
      edits.push([{start: node.start, end: node.start + 'import'.length}, 'meta.importModule'])
  }
  const values = [...exported].map(([name, inside]) => `${name}: ${inside}`)
  return {
    code: `function (meta) {"use strict";\n${edited(code, edits)}\nconst scriptExports = {${values.join(', ')}};\nreturn scriptExports;\n}`,
    exported,
  }
}

/**
 * Edits that replace `import("./…")` of files that hand on what a script has.
 *
 * @param handedOn - pairs: such files with their names, and an expression for what that script exports
 */
function importsOf(program, handedOn) {
  const imports = nodesOf(program).filter(({type}) => type === 'ImportExpression')
  return imports.flatMap(node => {
    const file = String(node.source.value).replace(/^\.\//, '')
    const [files, script] = handedOn.find(([files]) => files.has(file)) ?? []
    const values = files?.get(file).map(([name, inside]) => `${name}: script.${inside}`)
    return values === undefined ? [] : [[node, `Promise.resolve(${script}).then((script) => ({${values.join(', ')}}))`]]
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
