import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {basename, join} from 'node:path'
import {pathToFileURL} from 'node:url'
import {gzipSync} from 'node:zlib'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {projectRoot, runTool} from './launcher-run.ts'

/** The build notes which packages each of its files holds; a preloaded hook notes which files Node loads as modules. */
const {packages} = JSON.parse(readFileSync(join(projectRoot, 'dist/build.json'), 'utf8')) as {
  packages: Record<string, string[]>
}
const heavy = ['ink', 'react', 'react-reconciler', 'yoga-layout', 'zod', 'chokidar', 'yaml']

let dir = ''
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'launcher-loads-'))
})
afterAll(() => rmSync(dir, {recursive: true}))

/** Names of the files of dist/ that a command loads. */
function loadedBy(args: readonly string[]): string[] {
  const trace = join(dir, 'trace.txt')
  const hook = join(dir, 'hook.mjs')
  writeFileSync(trace, '')
  writeFileSync(
    hook,
    `import {appendFileSync} from 'node:fs'
import {registerHooks} from 'node:module'
registerHooks({load(url, context, next) { appendFileSync(process.env.TRACE, url + '\\n'); return next(url, context) }})`,
  )
  runTool(args, {env: {NODE_OPTIONS: `--import=${pathToFileURL(hook).href}`, TRACE: trace}})
  const dist = pathToFileURL(join(projectRoot, 'dist')).href
  const urls = readFileSync(trace, 'utf8').split('\n')
  return urls.filter(url => url.startsWith(dist)).map(url => basename(url))
}

/** Nothing answers there. */
const unreachableExit = 3

/** Names of the modules of Node that a command loads. */
function builtinsOf(args: readonly string[], exitCode = 0): ReadonlySet<string> {
  const list = join(dir, 'builtins.json')
  const hook = join(dir, 'builtins.cjs')
  writeFileSync(
    hook,
    `process.on('exit', () => process.getBuiltinModule('fs').writeFileSync(process.env.LIST, JSON.stringify(process.moduleLoadList)))`,
  )
  expect(runTool(args, {env: {NODE_OPTIONS: `--require=${hook}`, LIST: list}}).exitCode).toBe(exitCode)
  const loaded = JSON.parse(readFileSync(list, 'utf8')) as string[]
  return new Set(loaded.map(name => name.replace(/^NativeModule /, '')))
}

/** `core-BscyXtcw.js` as `core.js`. */
const withoutHash = (file: string): string => file.replace(/-[\w-]{8}(?=\.js$)/, '')

describe('what is loaded', () => {
  test('by --version is nothing', () => {
    expect(loadedBy(['--version'])).toEqual([])
  })

  test.each([['--help'], ['inferno', '--help'], ['inferno', 'run', '--help'], ['completion', 'bash'], ['nope']])(
    'by %s %s %s holds no heavy package',
    (...args) => {
      const files = loadedBy(args)
      expect(files).toContain('bin.js')
      const loaded = new Set(files.flatMap(file => packages[file] ?? []))
      expect(heavy.filter(name => loaded.has(name))).toEqual([])
    },
  )

  test('by a plain query is the core, and no other file of the program', () => {
    const input = join(dir, 'input.ndjson')
    writeFileSync(input, '{"a":1}\n')
    const files = loadedBy(['inferno', 'query', '-k', 'a', '-v', 'count', input])
    expect(files.map(withoutHash)).toEqual(['bin.js', 'load-core.js'])
  })

  test('by a run of a plain rule over files is the core, and no other file of the program', () => {
    const input = join(dir, 'input.ndjson')
    const rule = join(dir, 'rule.ts')
    writeFileSync(input, '{"a":1}\n')
    writeFileSync(
      rule,
      `import {defineRule, hour, sum, where} from 'disco-inferno'
export default defineRule({
  name: 'r',
  partsPreprocess: [where('a > 0')],
  keysets: {k: {keyParts: ['a', hour('time')], valueParts: {n: sum('a')}}},
})
`,
    )
    const files = loadedBy(['inferno', 'run', rule, '--input', input])
    expect(files.map(withoutHash)).toEqual(['bin.js', 'load-core.js'])
  })

  test('by a run of a plain rule over tags is the core, the script after it, and no other file of the program', () => {
    const rule = join(dir, 'tags.ts')
    writeFileSync(
      rule,
      `import {count, defineRule} from 'disco-inferno'
export default defineRule({name: 'r', sourceTags: ['t'], keyParts: ['a'], valueParts: {n: count()}})
`,
    )
    const files = loadedBy(['inferno', 'run', rule, '--master', 'http://127.0.0.1:1']).map(withoutHash)
    expect(files).toEqual(['bin.js', 'load-core.js'])
  })

  test('in the core and the script after it is no package', () => {
    const scripts = Object.keys(packages).filter(file => ['core.js', 'over-tags.js'].includes(withoutHash(file)))
    expect(scripts.map(file => packages[file])).toEqual([[], []])
  })

  test('by a query with a pattern that RegExp does not search holds the package for regular expressions, in a file of its own', () => {
    const input = join(dir, 'input.ndjson')
    writeFileSync(input, '{"a":"b"}\n')
    const packagesFor = (pattern: string) =>
      loadedBy(['inferno', 'query', '-k', 'a', '-v', 'count', '--where', `a matches "${pattern}"`, input]).flatMap(
        file => packages[file] ?? [],
      )
    expect(packagesFor('^b')).toEqual([])
    expect(packagesFor('^(b+)+$')).toEqual(['re2js'])
  })

  test('of Node by a small query is neither threads nor zlib, each of which takes a millisecond', () => {
    const input = join(dir, 'input.ndjson')
    writeFileSync(input, '{"a":"b"}\n')
    const query = ['inferno', 'query', '-k', 'a', '-v', 'count', '--quiet']
    const costly = ['worker_threads', 'zlib', 'console']
    expect(costly.filter(name => builtinsOf([...query, input]).has(name))).toEqual([])
    writeFileSync(`${input}.gz`, gzipSync('{"a":"b"}\n'))
    expect(builtinsOf([...query, `${input}.gz`])).toContain('zlib')
  })

  test('of Node by a command to a cluster is TLS only where its address asks for it', () => {
    const loadedFor = (url: string) => builtinsOf(['disco', 'nodes', '--master', url], unreachableExit)
    expect(['https', 'tls'].filter(name => loadedFor('http://127.0.0.1:1').has(name))).toEqual([])
    expect(loadedFor('https://127.0.0.1:1')).toContain('https')
  })

  test('by a query with a flag that is not known holds oclif, which says so', () => {
    const loaded = loadedBy(['inferno', 'query', '--keys', 'a']).flatMap(file => packages[file] ?? [])
    expect(loaded).toContain('@oclif/core')
  })

  test('is noticed at all: help needs oclif', () => {
    const loaded = loadedBy(['--help']).flatMap(file => packages[file] ?? [])
    expect(loaded).toContain('@oclif/core')
  })
})
