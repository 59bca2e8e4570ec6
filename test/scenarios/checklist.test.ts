/** The table of features in README.md names tests that are there. */
import {existsSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect, test} from 'vitest'

const tests = join(import.meta.dirname, '..')
const rows = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8')
  .split('\n')
  .filter(line => /^\| .*`/.test(line))
  .map(line => {
    const [, feature = '', cell = ''] = line.split(' | ').length === 2 ? (/^\| (.*?) \| (.*) \|$/.exec(line) ?? []) : []
    return {feature, named: cell.split('<br>').map(text => /^`(.+?)` (.+)$/.exec(text)!.slice(1) as [string, string])}
  })

/** As it stands in the source of a test. */
const quoted = (title: string): RegExp =>
  new RegExp(title.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll("'", "\\\\?'"))

test('each feature has tests, and each test that is named is there', () => {
  expect(rows.length).toBeGreaterThan(45)
  const gone = rows.flatMap(({feature, named}) =>
    named
      .filter(([file, title]) => {
        const path = join(tests, `${file}.test.ts`)
        return !existsSync(path) || !quoted(title).test(readFileSync(path, 'utf8'))
      })
      .map(([file, title]) => `${feature}: ${file} ${title}`),
  )
  expect(gone).toEqual([])
})
