import {mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {expect, onTestFinished, test} from 'vitest'
import {KeptPartials} from '../../../../src/cluster/jobs/agent/kept-partials.ts'

function kept(bytesMax: number): {
  partials: KeptPartials
  add(name: string, usedAtSeconds: number): void
  names(): string[]
} {
  const home = mkdtempSync(join(tmpdir(), 'kept-'))
  onTestFinished(() => rmSync(home, {recursive: true}))
  const partials = new KeptPartials(join(home, 'partials'), bytesMax)
  return {
    partials,
    add: (name, usedAtSeconds) => {
      const path = join(partials.folder, name)
      writeFileSync(path, Buffer.alloc(100))
      utimesSync(path, usedAtSeconds, usedAtSeconds)
    },
    names: () => readdirSync(partials.folder).sort(),
  }
}

test('those go that were not used for the longest time', async () => {
  const {partials, add, names} = kept(350)
  for (const [name, used] of [
    ['a', 3],
    ['b', 1],
    ['c', 2],
  ] as const) {
    add(name, used)
    await partials.noteAdded(100)
  }
  expect(names()).toEqual(['a', 'b', 'c'])
  add('d', 9)
  await partials.noteAdded(100)
  expect(names()).toEqual(['a', 'c', 'd'])
})

test('what was there before this process counts', async () => {
  const {partials, add, names} = kept(150)
  for (const [index, name] of ['a', 'b', 'c'].entries()) add(name, index)
  await partials.noteAdded(0)
  expect(names()).toEqual(['c'])
})

test('a limit of nothing keeps nothing', async () => {
  const {partials, add, names} = kept(0)
  add('a', 1)
  await partials.noteAdded(100)
  expect(names()).toEqual([])
})
