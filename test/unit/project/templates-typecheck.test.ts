import assert from 'node:assert/strict'
import {execFile} from 'node:child_process'
import {existsSync} from 'node:fs'
import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {promisify} from 'node:util'
import {afterAll, beforeAll, describe, test} from 'vitest'
import {inferFile, initProject, listTemplates} from '../../../src/project/index.ts'

const here = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url))
const typesDir = here('dist/types')
const templatesDir = here('templates')
const run = promisify(execFile)

/** A project outside this repository sees only the declarations that were copied into it. */
async function compilerErrors(dir: string): Promise<string> {
  try {
    return (await run(here('node_modules/.bin/tsc'), ['-p', dir])).stdout
  } catch (error) {
    return (error as {stdout: string}).stdout
  }
}

/** Each compiler run is a process of its own; on a busy machine several of them take seconds. */
const compileTimeoutMs = 60_000

// Without a build there are no declarations to copy; the root tsconfig then still checks the templates against the sources.
describe.skipIf(!existsSync(join(typesDir, 'src/api.d.ts')))(
  'with the built declarations',
  {timeout: compileTimeoutMs},
  () => {
    let folder: string
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'templates-'))
    })
    afterAll(() => rm(folder, {recursive: true}))

    test('every template type-checks by itself', async () => {
      for (const {name, kind} of await listTemplates(templatesDir)) {
        if (kind === 'worker') continue
        const {dir} = await initProject({templatesDir, typesDir, dir: join(folder, name), template: name})
        assert.equal(await compilerErrors(dir), '', name)
      }
    })

    test('an inferred rule type-checks, a misspelt option does not', async () => {
      const {dir} = await initProject({templatesDir, typesDir, dir: join(folder, 'inferred')})
      const records = [1, 2, 3, 4].map(index => ({
        time: 1330969562706,
        site: `a${index % 2}`,
        price: index,
        ok: true,
        'odd name': 1,
      }))
      const {ruleSource} = await inferFile(records, {
        fileName: 'a.csv',
        format: {format: 'csv', fields: 'header', delimiter: ';'},
      })
      await writeFile(join(dir, 'rules', 'inferred.ts'), ruleSource)
      assert.equal(await compilerErrors(dir), '')
      await writeFile(join(dir, 'rules', 'inferred.ts'), ruleSource.replace('keysets:', 'keyset:'))
      assert.match(await compilerErrors(dir), /keyset/)
    })
  },
)
