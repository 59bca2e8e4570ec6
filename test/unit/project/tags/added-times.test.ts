import {expect, test} from 'vitest'
import {timesOf} from '../../../../src/project/tags/added-times.ts'
import type {TagLogLine} from '../../../../src/protocol/index.ts'

const line = (counter: number, addedCount: number, removedCount = 0): TagLogLine => ({
  version: {epoch: 1, counter},
  change: 'append',
  atMs: counter * 1000,
  by: 'test',
  addedCount,
  removedCount,
})

test('the last entries are of the newest changes, in any order of the lines', () => {
  expect(timesOf([line(1, 1), line(3, 2), line(2, 0)], 3)).toEqual([1000, 3000, 3000])
})

test('entries from before the history have no time', () => {
  expect(timesOf([line(9, 1)], 3)).toEqual([undefined, undefined, 9000])
})

test('behind a change that took something out nothing is known', () => {
  expect(timesOf([line(1, 2), line(2, 0, 1), line(3, 1)], 2)).toEqual([undefined, 3000])
})

test('a tag that was made anew has the times of its new entries', () => {
  expect(timesOf([line(1, 2), line(2, 1, 2)], 1)).toEqual([2000])
})
