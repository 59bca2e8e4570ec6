import fc from 'fast-check'
import {expect, test} from 'vitest'
import {matchTags} from '../../../../src/rules/index.ts'

const names = [
  'logs:clicks:2012-12-01',
  'logs:clicks:2012-12-02',
  'logs:clicks_old:2012-12-01',
  'logs:views:2012-12-01',
]

test('a tag that is asked for takes all that begin with it, the newest first', () => {
  expect(matchTags(['logs:clicks:'], names, true).tags).toEqual(['logs:clicks:2012-12-02', 'logs:clicks:2012-12-01'])
  expect(matchTags(['logs:clicks:'], names, false).tags).toEqual(['logs:clicks:2012-12-01', 'logs:clicks:2012-12-02'])
})

test('a sibling with the same beginning is taken and told', () => {
  const {tags, ragged} = matchTags(['logs:clicks'], names, true)
  expect(tags).toContain('logs:clicks_old:2012-12-01')
  expect(ragged).toEqual([{asked: 'logs:clicks', tag: 'logs:clicks_old:2012-12-01'}])
})

test('a sibling that is asked for by its own name too is not told', () => {
  expect(matchTags(['logs:clicks', 'logs:clicks_old'], names, true).ragged).toEqual([])
})

test('a day that was split is found by the day', () => {
  expect(matchTags(['a:2012-12-01'], ['a:2012-12-01:part2', 'a:2012-12-01:part1'], false)).toEqual({
    tags: ['a:2012-12-01:part1', 'a:2012-12-01:part2'],
    unmatched: [],
    ragged: [],
  })
})

test('what nothing begins with is told', () => {
  expect(matchTags(['logs:views', 'logs:nothing'], names, true).unmatched).toEqual(['logs:nothing'])
})

test('the tags are those that a plain filter gives', () => {
  const name = fc.string({unit: fc.constantFrom('a', 'b', ':', '1'), minLength: 1, maxLength: 5})
  fc.assert(
    fc.property(fc.array(name), fc.array(name), fc.boolean(), (requested, known, newestFirst) => {
      const {tags, unmatched} = matchTags(requested, known, newestFirst)
      const expected = [...new Set(known)].filter(tag => requested.some(asked => tag.startsWith(asked))).sort()
      expect(tags).toEqual(newestFirst ? expected.reverse() : expected)
      expect(unmatched).toEqual(requested.filter(asked => !known.some(tag => tag.startsWith(asked))))
    }),
  )
})
