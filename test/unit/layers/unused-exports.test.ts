/** What is exported is there for somebody: a name that no other file says belongs to its own, or to nobody. */
import {globSync, readFileSync} from 'node:fs'
import {basename, join} from 'node:path'
import {expect, test} from 'vitest'

const root = join(import.meta.dirname, '../../..')
const read = (pattern: string): Map<string, string> =>
  new Map(
    globSync(pattern, {cwd: root, exclude: path => /node_modules|generated/.test(path)}).map(path => [
      path,
      readFileSync(join(root, path), 'utf8'),
    ]),
  )

/** Public names of the library, and the kernels, whose exports are for WebAssembly. */
const isForOthers = (path: string): boolean => /^src\/(api|local)\.ts$|\/assembly\//.test(path)

test('no module exports a value that nobody takes', () => {
  const texts = read('{src,commands,test,bench,scripts,bin}/**/*.{ts,tsx,mjs,js}')
  const filesWith = new Map<string, Set<string>>()
  for (const [path, text] of texts) {
    // An index that passes a name on does not use it.
    const said = basename(path) === 'index.ts' ? text.replace(/^export (?:type )?\{[^}]*\} from .*$/gm, '') : text
    for (const [word] of said.matchAll(/[\w$]+/g)) {
      const files = filesWith.get(word) ?? new Set()
      filesWith.set(word, files.add(path))
    }
  }
  const unused = [...texts].flatMap(([path, text]) =>
    !path.startsWith('src/') || isForOthers(path)
      ? []
      : [...text.matchAll(/^export (?:async )?(?:function\*?|class|const) ([\w$]+)/gm)]
          .map(([, name]) => name!)
          .filter(name => [...(filesWith.get(name) ?? [])].every(user => user === path))
          .map(name => `${path}: ${name}`),
  )
  expect(unused).toEqual([])
})
