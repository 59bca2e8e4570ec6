// The two uses of the bundler: commands alone (to read their descriptions) and the whole program.
import {createHash} from 'node:crypto'
import {existsSync, globSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {rolldown} from 'rolldown'
import {coreAsScript, loader, scriptModules} from './core.mjs'

/** Entries of the program; one whose file does not exist is left out. */
const entries = {
  bin: 'src/bin.ts',
  api: 'src/api.ts',
  local: 'src/local.ts',
  'scan-thread': 'src/worker/scan-thread.ts',
  'job-process': 'src/worker/jobs/process/job-process.ts',
  'rule-thread': 'src/worker/rule-tasks/rule-thread.ts',
}

/** Command id (`inferno:run`) to file, in id order. */
export function commandFiles(root) {
  const files = globSync('commands/**/*.{ts,tsx}', {cwd: root}).sort()
  return new Map(files.map(file => [idOf(file), file]))
}

function idOf(file) {
  return file
    .replace(/^commands\//, '')
    .replace(/\.tsx?$/, '')
    .replaceAll('/', ':')
}

const shared = root => ({
  cwd: root,
  platform: 'node',
  logLevel: 'warn',
  transform: {define: {'process.env.NODE_ENV': '"production"'}},
  // Our modules do no work on import (house rule), so an index.ts brings along only what is used of it.
  treeshake: {moduleSideEffects: [{test: new RegExp(`^${RegExp.escape(root)}/(src|commands)/`), sideEffects: false}]},
})

/**
 * Bundles each command by itself, packages left outside, so that plain `import()` can load it: Node takes no .tsx.
 *
 * The generated files stand in as empty: they are made from the result.
 */
export async function bundleCommands(root, files, dir) {
  const input = Object.fromEntries([...files].map(([id, file]) => [fileNameOf(id), file]))
  const bundle = await rolldown({...shared(root), input, external: /^[^./\0]/, plugins: [emptyGenerated]})
  await bundle.write({dir, format: 'esm', entryFileNames: '[name].js', chunkFileNames: 'chunk-[name]-[hash].js'})
  await bundle.close()
  return id => join(dir, `${fileNameOf(id)}.js`)
}

const fileNameOf = id => `command-${id.replaceAll(':', '-')}`

const emptyGenerated = {
  name: 'empty-generated',
  resolveId: source => (/\/generated\/(commands\.ts|manifest\.json)$/.test(source) ? '\0empty-generated' : undefined),
  load: id => (id === '\0empty-generated' ? 'export const loaders = {}; export default {commands: {}}' : undefined),
}

/** Ink asks for React's developer tools, which are not installed and not wanted. */
const withoutDevtools = {
  name: 'without-devtools',
  resolveId: source => (source === 'react-devtools-core' ? '\0no-devtools' : undefined),
  load: id => (id === '\0no-devtools' ? 'export default {}' : undefined),
}

/** Packages that load compiled code from their own folder: they stay packages. */
const withAddons = ['better-sqlite3']

/**
 * Node's own modules by `process.getBuiltinModule`: an import of one of them makes its namespace, for which every name that it has is
 * looked up, and that loads code that nobody wants (for `node:fs` all of the streams). 15 ms of processor time in a plain query.
 */
const builtinsWithoutNamespace = {
  name: 'builtins-without-namespace',
  renderChunk(code) {
    const imports = this.parse(code).body.filter(
      node => node.type === 'ImportDeclaration' && node.source.value.startsWith('node:'),
    )
    let rest = code
    // From behind: what is before keeps its place.
    for (const node of imports.reverse()) {
      const all = node.specifiers.find(({type}) => type === 'ImportNamespaceSpecifier')
      if (all === undefined) rest = rest.slice(0, node.start) + builtinImport(node) + rest.slice(node.end)
    }
    return rest
  },
}

/** Used by few commands: their functions are asked for when one is called. Constants and classes are taken at once. */
const rarelyUsed = new Set([
  'node:crypto',
  'node:zlib',
  'node:child_process',
  'node:fs/promises',
  'node:timers/promises',
  'node:http',
  'node:https',
])

function builtinImport({source, specifiers}) {
  const builtin = `globalThis.process.getBuiltinModule("${source.value}")`
  return specifiers
    .map(({type, local, imported}) => {
      // A file may call its own variable `process`.
      if (type === 'ImportDefaultSpecifier') return `const ${local.name} = ${builtin};`
      const name = imported.name ?? imported.value
      return rarelyUsed.has(source.value) && isPlainFunction(source.value, name)
        ? `function ${local.name}(...args) { return ${builtin}.${name}(...args); }`
        : `const ${local.name} = ${builtin}.${name};`
    })
    .join(' ')
}

/** Whether calling it through another function is the same: not for classes, whose names begin with a capital. */
const isPlainFunction = (source, name) =>
  typeof process.getBuiltinModule(source)[name] === 'function' && !/^[A-Z]/.test(name)

/** Few rules have regular expressions: the tables of re2js are made for the first one. @param re2 - an expression */
const lazyRe2 = re2 => ({
  name: 'lazy-re2',
  transform(code, id) {
    if (!/\/src\/.*\.ts$/.test(id) || !code.includes("from 're2js'")) return undefined
    return code.replace("import {RE2JS} from 're2js'\n", '\n').replaceAll('RE2JS.', `${re2}.RE2JS.`)
  },
})

/**
 * re2js as a file of its own, beside the others: in the core it would be a quarter of a text that each start reads, though it is
 * called by few.
 */
function re2AsFile(root, isSingle) {
  const path = join(root, 'node_modules/re2js')
  const {version, main} = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'))
  const fileName = `re2js-${version}.cjs`
  const plugin = lazyRe2(
    isSingle
      ? `globalThis[Symbol.for('disco-inferno.script')]("${fileName}")`
      : `globalThis.process.getBuiltinModule("node:module").createRequire(import.meta.url)("./${fileName}")`,
  )
  const source = readFileSync(join(path, main), 'utf8')
  return {
    fileName,
    plugin: {
      ...plugin,
      generateBundle() {
        this.emitFile({type: 'asset', fileName, source})
      },
    },
  }
}

/** Commands that are in the core (core.mjs) are described there. */
const describedInCore = new Set(['inferno:query', 'inferno:run'])

/**
 * Of all that is known about the commands a command line asks for one: each is made when it is asked for first. The descriptions are in
 * a file beside the others: they are as long as half of the core.
 */
const manifestAsFile = isSingle => ({
  name: 'manifest-as-file',
  load(id) {
    const pieces = []
    let bytes = 0
    const expressionOf = (name, text) => {
      if (describedInCore.has(name)) return text
      const piece = Buffer.from(`${text}\n`)
      pieces.push(piece)
      bytes += piece.length
      return `read(${bytes - piece.length}, ${bytes})`
    }
    const made = manifestModule(id, expressionOf)
    if (made === undefined) return undefined
    const source = Buffer.concat(pieces)
    const fileName = `manifest-${createHash('sha256').update(source).digest('hex').slice(0, 12)}.txt`
    this.emitFile({type: 'asset', fileName, source})
    const content = isSingle
      ? `Buffer.from(globalThis.process.getBuiltinModule('node:sea').getRawAsset('${fileName}'))`
      : `globalThis.process.getBuiltinModule('node:fs').readFileSync(new URL('./${fileName}', import.meta.url))`
    const reader = `let texts
      const read = (from, to) => {
        texts ??= ${content}
        return JSON.parse(texts.toString('utf8', from, to))
      }\n`
    return {...made, code: reader + made.code}
  },
})

/** @param expressionOf - the expression for a command, by its name and its description as JSON */
function manifestModule(id, expressionOf) {
  if (!id.endsWith('/src/generated/manifest.json')) return undefined
  const {commands} = JSON.parse(readFileSync(id, 'utf8'))
  const getters = Object.entries(commands).map(([name, command]) => {
    const key = JSON.stringify(name)
    return `get ${key}() { return made(${key}, ${expressionOf(name, JSON.stringify(command))}) }`
  })
  const code = `const commands = {${getters.join(',\n')}}
    const made = (name, value) => Object.defineProperty(commands, name, {value, enumerable: true, writable: true})[name]
    export default {commands}`
  return {code, moduleType: 'js'}
}

/** oclif loads all of its parts when one is loaded. Here each is loaded where it is used first, which most never are. */
const lazyOclif = {
  name: 'lazy-oclif',
  transform(code, id) {
    if (!/@oclif\/core\/lib\/.*\.js$/.test(id)) return undefined
    const requires = new Map()
    const rest = code.replace(
      /^(?:const|var) (\w+_\d+) = ((?:__import\w+\()?require\("[^"]+"\)\)?);$/gm,
      (_, name, value) => {
        requires.set(name, value)
        return ''
      },
    )
    return rest.replace(/\b\w+_\d+\b/g, name => (requires.has(name) ? `(${requires.get(name)})` : name))
  },
}

/**
 * Bundles the program into `dir`, all files side by side: code finds its neighbours by `new URL('./…', import.meta.url)`.
 *
 * Names are kept (no mangling), because a stack trace of a bug is only useful when it can be read.
 *
 * @returns `files`, all their names, `entries`, those that others start from, and `packages`: per file the packages whose code is in it
 *   (tests use that to see what a command loads)
 */
export async function bundleProgram(root, dir, {isSingle = false} = {}) {
  const wanted = isSingle ? singleEntries : entries
  const input = Object.fromEntries(Object.entries(wanted).filter(([, file]) => existsSync(join(root, file))))
  const options = {...shared(root), external: isSingle ? [] : withAddons}
  const re2 = re2AsFile(root, isSingle)
  const always = [withoutDevtools, re2.plugin, lazyOclif, manifestAsFile(isSingle), builtinsWithoutNamespace]
  const plugins = isSingle ? [embeddedSqlite, ...always] : always
  const ofScripts = await scriptModules(root, {...options, plugins})
  // Files of the core's own are asked for by other files only: entries may export more than is theirs.
  const preserveEntrySignatures = 'allow-extension'
  const groups = [...ofScripts].map(([name, ids]) => ({
    name,
    test: id => ids.has(id),
    includeDependenciesRecursively: false,
  }))
  const bundle = await rolldown({...options, input, preserveEntrySignatures, plugins: [...plugins, coreAsScript]})
  const {output} = await bundle.write({
    dir,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: '[name]-[hash].js',
    codeSplitting: {groups},
    minify: {compress: true, mangle: false, codegen: {removeWhitespace: false}},
    comments: {legal: true, annotation: false, jsdoc: false},
  })
  const chunks = output.filter(file => file.type === 'chunk')
  const packages = Object.fromEntries(chunks.map(chunk => [chunk.fileName, packagesOf(chunk.moduleIds)]))
  packages[re2.fileName] = ['re2js']
  await bundle.close()
  await bundleLoader(root, dir, isSingle)
  packages[loader] = []
  const files = [...output.map(file => file.fileName), loader]
  return {entries: chunks.filter(chunk => chunk.isEntry).map(chunk => chunk.fileName), files, packages}
}

/** The loader of the core has what it needs of ours in itself: the core is not there yet. */
async function bundleLoader(root, dir, isSingle) {
  const input = join(import.meta.dirname, isSingle ? 'load-core-single.js' : loader)
  const bundle = await rolldown({...shared(root), input, plugins: [builtinsWithoutNamespace]})
  await bundle.write({
    file: join(dir, loader),
    format: 'esm',
    codeSplitting: false,
    comments: {legal: true, annotation: false, jsdoc: false},
  })
  await bundle.close()
}

function packagesOf(moduleIds) {
  const names = moduleIds.map(id => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(id)?.[1])
  return [...new Set(names.filter(name => name !== undefined))].sort()
}

/**
 * better-sqlite3 looks for its addon on the disk: here it is among the embedded files. It is asked for by a symbol (src/bin-single.ts):
 * an import from a package that is CommonJS would have the modules of `product` begun late, and the core wants none that is.
 */
const embeddedSqlite = {
  name: 'embedded-sqlite',
  load: id =>
    /\/better-sqlite3\/lib\/binding\.js$/.test(id)
      ? `let addon
         export const getBinding = () => (addon ??= globalThis[Symbol.for('disco-inferno.addon')]('better_sqlite3.node'))`
      : undefined,
}

/** Entries of the one executable: the program, and what its threads run. */
const singleEntries = {
  bin: 'src/bin-single.ts',
  'scan-thread': entries['scan-thread'],
  'rule-thread': entries['rule-thread'],
}

/** What is run of the executable itself: `main`, and one for each kind of thread (`start-…`). They load the rest. */
const starters = {main: 'bin.js', 'start-scan-thread': 'scan-thread.js', 'start-rule-thread': 'rule-thread.js'}

/**
 * Bundles the program for the one executable, in which nothing is looked for on the disk.
 *
 * @returns names of the files in `dir` that are to be embedded; `main.js` is what the executable runs
 */
export async function bundleSingleFiles(root, dir) {
  const {files} = await bundleProgram(root, dir, {isSingle: true})
  for (const file of files.filter(name => name.endsWith('.js'))) {
    const code = readFileSync(join(dir, file), 'utf8')
    // Parts of an executable have no path. Packages ask in this way for Node's own modules, and for a folder that is there.
    const edited = code
      .replaceAll('createRequire(import.meta.url)', 'createRequire(globalThis.process.execPath)')
      .replaceAll(
        'import.meta.dirname',
        'globalThis.process.getBuiltinModule("node:path").dirname(globalThis.process.execPath)',
      )
    writeFileSync(join(dir, file), edited)
  }
  const {name, version} = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const starter = readFileSync(join(import.meta.dirname, 'start-single.js'), 'utf8')
  for (const [file, entry] of Object.entries(starters)) {
    const versionText = file === 'main' ? `${name}/${version}` : undefined
    const values = `const entry = ${JSON.stringify(entry)}, versionText = ${JSON.stringify(versionText)}\n`
    writeFileSync(join(dir, `${file}.js`), values + starter)
  }
  return [...files, ...Object.keys(starters).flatMap(file => (file === 'main' ? [] : [`${file}.js`]))]
}
