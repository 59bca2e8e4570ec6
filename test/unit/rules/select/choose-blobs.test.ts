import fc from 'fast-check'
import {expect, test} from 'vitest'
import {
  archivedName,
  batchId,
  chooseBlobs,
  isArchive,
  type TagContent,
  whyNotEnough,
} from '../../../../src/rules/index.ts'

interface Blob {
  readonly identity: string
  readonly bytes: number
}
const blob = (identity: string, bytes = 10): Blob => ({identity, bytes})
const content = (tag: string, ...blobs: readonly (string | Blob)[]): TagContent<Blob> => ({
  tag,
  entries: blobs.map(each => (typeof each === 'string' ? blob(each) : each)),
})
const rules = {newestFirst: true, maxBlobs: undefined, archivePrefix: undefined, archived: new Map()}
const idsOf = (list: readonly {readonly entry: Blob}[]) => list.map(({entry}) => entry.identity)

test('blobs are read in the order of tags and of entries, whichever tags come first', () => {
  const contents = [content('t:2', 'd', 'c'), content('t:1', 'b', 'a')]
  for (const newestFirst of [true, false]) {
    expect(idsOf(chooseBlobs(contents, {...rules, newestFirst}).chosen)).toEqual(['b', 'a', 'd', 'c'])
  }
})

test('maxBlobs takes the first blobs of the newest tag, or of the oldest', () => {
  const contents = [content('t:1', 'a', 'b'), content('t:2', 'c', 'd', 'e')]
  const newest = chooseBlobs(contents, {...rules, maxBlobs: 2})
  expect(idsOf(newest.chosen)).toEqual(['c', 'd'])
  expect(idsOf(newest.left)).toEqual(['e', 'a', 'b'])
  expect(idsOf(chooseBlobs(contents, {...rules, maxBlobs: 3, newestFirst: false}).chosen)).toEqual(['a', 'b', 'c'])
})

test('what is archived of any selected tag is left out of all of them', () => {
  const contents = [content('in:1', 'a', 'b'), content('in:2', 'a', 'c')]
  const archived = new Map([['done:1', new Set(['a'])]])
  const choice = chooseBlobs(contents, {...rules, archivePrefix: 'done', archived})
  expect(idsOf(choice.chosen)).toEqual(['b', 'c'])
  expect(idsOf(choice.archived)).toEqual(['a', 'a'])
})

test('an archive is read on purpose: nothing of it is left out', () => {
  const archived = new Map([['done:1', new Set(['a'])]])
  const choice = chooseBlobs([content('done:1', 'a')], {...rules, archivePrefix: 'done', archived})
  expect(idsOf(choice.chosen)).toEqual(['a'])
})

test('without archive nothing is left out', () => {
  const archived = new Map([['processed:1', new Set(['a'])]])
  expect(idsOf(chooseBlobs([content('in:1', 'a')], {...rules, archived}).chosen)).toEqual(['a'])
})

test('a blob under two tags is read once, an empty one not at all', () => {
  const choice = chooseBlobs([content('t:1', 'a', blob('none', 0)), content('t:2', 'a')], rules)
  expect(idsOf(choice.chosen)).toEqual(['a'])
  expect(idsOf(choice.repeated)).toEqual(['a'])
  expect(idsOf(choice.empty)).toEqual(['none'])
})

test('every entry is in one list, none is chosen twice, no more than maxBlobs are', () => {
  const id = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f')
  const entries = fc.array(fc.record({identity: id, bytes: fc.constantFrom(0, 1, 7)}), {maxLength: 8})
  const contents = fc
    .uniqueArray(fc.constantFrom('in:1', 'in:2', 'done:1', 'in:3'), {maxLength: 4})
    .chain(tags => fc.tuple(...tags.map(tag => entries.map(list => ({tag, entries: list})))))
  fc.assert(
    fc.property(
      contents,
      fc.array(id),
      fc.option(fc.integer({min: 1, max: 5}), {nil: undefined}),
      (given, done, maxBlobs) => {
        const archived = new Map([['done:1', new Set(done)]])
        const choice = chooseBlobs(given as TagContent<Blob>[], {...rules, maxBlobs, archivePrefix: 'done', archived})
        const lists = Object.values(choice).flat()
        expect(lists).toHaveLength(given.reduce((sum, {entries: list}) => sum + list.length, 0))
        expect(new Set(idsOf(choice.chosen)).size).toBe(choice.chosen.length)
        expect(choice.chosen.length).toBeLessThanOrEqual(maxBlobs ?? Infinity)
        if (choice.left.length > 0) expect(choice.chosen).toHaveLength(maxBlobs ?? Number.NaN)
      },
    ),
  )
})

test.each([
  ['incoming:data:chunk:2012-12-01', 'processed:data:chunk:2012-12-01'],
  ['example:chunk:users', 'processed:chunk:users'],
  ['lone', 'processed'],
])('%s is archived as %s', (tag, name) => {
  expect(archivedName(tag, 'processed')).toBe(name)
})

test('an archive is known by its whole first part', () => {
  expect(isArchive('done:x', 'done')).toBe(true)
  expect(isArchive('done', 'done')).toBe(true)
  expect(isArchive('done2:x', 'done')).toBe(false)
})

test.each([
  [{inputCount: 0, minBlobs: 0, hasTags: true, force: true}, 'there is nothing to read'],
  [{inputCount: 2, minBlobs: 3, hasTags: true, force: false}, 'there are 2 blobs, fewer than minBlobs: 3'],
  [{inputCount: 2, minBlobs: 3, hasTags: true, force: true}, undefined],
  [{inputCount: 1, minBlobs: 3, hasTags: false, force: false}, undefined],
  [{inputCount: 3, minBlobs: 3, hasTags: true, force: false}, undefined],
])('%o is enough, or why not', (question, reason) => {
  expect(whyNotEnough(question)).toBe(reason)
})

test('a batch is the same in any order of its blobs, and another one for another plan, rule or blob', () => {
  const id = batchId('m.r', 'p', ['b', 'a'])
  expect(id).toMatch(/^[0-9a-f]{64}$/)
  expect(batchId('m.r', 'p', ['a', 'b'])).toBe(id)
  expect(
    new Set([id, batchId('m.s', 'p', ['a', 'b']), batchId('m.r', 'q', ['a', 'b']), batchId('m.r', 'p', ['a'])]).size,
  ).toBe(4)
})
