import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {pathToFileURL} from 'node:url'
import {afterAll, expect, test} from 'vitest'

const root = join(import.meta.dirname, '../../../..')
const page = readFileSync(join(root, 'docs/jobs.md'), 'utf8')
const examples = [...page.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code!)
const folder = mkdtempSync(join(tmpdir(), 'jobs-docs-'))
afterAll(() => rmSync(folder, {recursive: true}))

test('the page has examples', () => {
  expect(examples.length).toBeGreaterThanOrEqual(3)
})

test.each(examples.map((code, index) => [index + 1, code] as const))(
  'example %i does what it says',
  async (index, code) => {
    const imports = {'disco-inferno': 'src/api.ts', 'disco-inferno/local': 'src/local.ts'}
    const source = code.replace(
      /from '(disco-inferno(?:\/local)?)'/g,
      (_, name: keyof typeof imports) => `from '${pathToFileURL(join(root, imports[name])).href}'`,
    )
    const file = join(folder, `example-${index}.ts`)
    writeFileSync(file, `import assert from 'node:assert/strict'\n${source}`)
    await import(file)
  },
)
