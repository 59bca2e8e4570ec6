import {execFileSync} from 'node:child_process'
import {mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {pathToFileURL} from 'node:url'
import {expect, onTestFinished, test} from 'vitest'
import {ClusterError} from '../../../../src/base/index.ts'
import {writeDurably} from '../../../../src/cluster/run/write-durably.ts'

function fileIn(): string {
  const folder = mkdtempSync(join(tmpdir(), 'write-durably-'))
  onTestFinished(() => rmSync(folder, {recursive: true, force: true}))
  return join(folder, 'small.json')
}

test('a file is replaced as a whole', () => {
  const path = fileIn()
  writeFileSync(path, 'a longer text than the new one')
  writeDurably(path, 'new')
  expect(readFileSync(path, 'utf8')).toBe('new')
})

test('what fits only in part leaves the old file as it was', () => {
  const path = fileIn()
  writeDurably(path, 'old')
  const source = pathToFileURL(join(import.meta.dirname, '../../../../src/cluster/run/write-durably.ts'))
  const code = `
    const {writeDurably} = await import(${JSON.stringify(source)})
    try { writeDurably(${JSON.stringify(path)}, 'x'.repeat(5000)) } catch (error) { console.log(error.code) }
  `
  // The system takes 1 KiB of a file's first write without an error, and refuses the next.
  const said = execFileSync(
    'bash',
    ['-c', `trap '' XFSZ; ulimit -f 1; exec "$0" --input-type=module -e "$1"`, process.execPath, code],
    {encoding: 'utf8'},
  )
  expect(said.trim()).toBe('EFBIG')
  expect(readFileSync(path, 'utf8')).toBe('old')
})

test('a full disk is told as one, and leaves the old file as it was', () => {
  const path = fileIn()
  writeDurably(path, 'old')
  symlinkSync('/dev/full', `${path}.new`)
  let thrown: unknown
  try {
    writeDurably(path, 'new')
  } catch (error) {
    thrown = error
  }
  expect(thrown).toBeInstanceOf(ClusterError)
  expect(thrown).toMatchObject({code: 'DISK_FULL', message: `no room left for ${path}`})
  expect(readFileSync(path, 'utf8')).toBe('old')
})
