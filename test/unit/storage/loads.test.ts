import {spawnSync} from 'node:child_process'
import {join} from 'node:path'
import {expect, test} from 'vitest'

test('the driver of the database is not loaded before something is opened', () => {
  const index = join(import.meta.dirname, '../../../src/storage/index.ts')
  const program = `
    await import(${JSON.stringify(index)})
    const {createRequire} = await import('node:module')
    const loaded = Object.keys(createRequire(import.meta.filename ?? '/x.js').cache)
    console.log(loaded.some(path => path.includes('better-sqlite3')))`
  const {stdout, stderr} = spawnSync(process.execPath, ['--input-type=module', '-e', program], {encoding: 'utf8'})
  expect(stderr).toBe('')
  expect(stdout.trim()).toBe('false')
})
