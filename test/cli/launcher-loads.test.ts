import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {basename, join} from 'node:path'
import {pathToFileURL} from 'node:url'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {projectRoot, runTool} from './launcher-run.ts'

/** The build notes which packages each of its files holds; a preloaded hook notes which files Node loads. */
const {packages} = JSON.parse(readFileSync(join(projectRoot, 'dist/build.json'), 'utf8')) as {
  packages: Record<string, string[]>
}
const heavy = ['ink', 'react', 'react-reconciler', 'yoga-layout', 'zod', 'chokidar', 're2js', 'yaml']

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

  test('by a plain query holds neither oclif nor schemas nor YAML nor the screen', () => {
    const input = join(dir, 'input.ndjson')
    writeFileSync(input, '{"a":1}\n')
    const files = loadedBy(['inferno', 'query', '-k', 'a', '-v', 'count', input])
    const loaded = new Set(files.flatMap(file => packages[file] ?? []))
    expect(files.some(file => file.startsWith('run-query'))).toBe(true)
    expect(['@oclif/core', 'zod', 'yaml', 'ink', 'react', 'chokidar'].filter(name => loaded.has(name))).toEqual([])
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
