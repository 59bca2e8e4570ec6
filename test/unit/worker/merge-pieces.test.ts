import {expect, test} from 'vitest'
import {assertRule, compilePlan, defineRule} from '../../../src/rules/index.ts'
import {rowTemplate} from '../../../src/sinks/index.ts'
import {mergePieceRunBytes} from '../../../src/worker/limits.ts'
import {canMergeByBlocks, mergePieces, mergesAtOnceMax} from '../../../src/worker/merge-pieces.ts'
import type {Run} from '../../../src/worker/run-files.ts'
import {textRows} from '../../../src/worker/text-rows.ts'

const fullBlock = 256 * 1024
const template = rowTemplate('csv', {name: 't', table: 't', columns: ['k', 'count'], keyCount: 1}, [
  {aggregate: 'count'},
])!

/** A run of blocks of these sizes whose first keys are letters. */
function runOf(...blockBytes: readonly number[]): Run {
  const keys = Buffer.from(blockBytes.map((_, block) => 97 + block))
  const index = {
    keys,
    keyEnds: Uint32Array.from(blockBytes.keys(), at => at + 1),
    blockBytes: Uint32Array.from(blockBytes),
  }
  return {kind: 'file', path: 'run', bytes: blockBytes.reduce((sum, bytes) => sum + bytes, 0), index}
}

const times = (count: number, run: Run): Run[] => Array.from({length: count}, () => run)

test('runs are merged at once while their longest blocks fit into memory', () => {
  expect(canMergeByBlocks([...times(100, runOf(fullBlock, fullBlock)), ...times(500, runOf(40))])).toBe(true)
  expect(canMergeByBlocks(times(512, runOf(fullBlock)))).toBe(true)
  expect(canMergeByBlocks(times(513, runOf(fullBlock)))).toBe(false)
  expect(canMergeByBlocks(times(1025, runOf(40)))).toBe(false)
  expect(canMergeByBlocks([runOf(40), {...runOf(40), index: undefined}])).toBe(false)
})

test('as many threads merge as hold a block of every run together', () => {
  expect(mergesAtOnceMax(times(512, runOf(fullBlock)))).toBe(1)
  expect(mergesAtOnceMax(times(153, runOf(fullBlock, 40)))).toBe(3)
  expect(mergesAtOnceMax([])).toBeGreaterThan(1000)
})

test.each([
  [153, ['second', 'third', 'fourth']],
  [300, ['fourth']],
])('text of %i runs is made by no more threads than that', async (count, expected) => {
  const asked = new Set<string>()
  const mergers = ['first', 'second', 'third', 'fourth'].map(name => ({
    merge: async () => {
      asked.add(name)
      await new Promise(resolve => setImmediate(resolve))
      return {text: [], rows: 0, estimates: new Map(), hostRows: 0}
    },
    close: async () => undefined,
  }))
  const rule = defineRule({name: 't', keyParts: ['k'], valueParts: ['count']})
  assertRule(rule)
  const {plan} = compilePlan(rule, {module: 'm'})
  const runs = [times(count, runOf(...Array.from({length: 24}, () => fullBlock)))]
  const made = textRows({plan, templateOf: () => template, runs, mergers: () => mergers})
  expect(await Array.fromAsync(made!.pieces())).toEqual([])
  expect([...asked].sort()).toEqual([...expected].sort())
})

test('small runs do not make pieces larger', () => {
  const large = times(6, runOf(...Array.from({length: 12}, () => fullBlock)))
  const pieces = [...mergePieces(0, template, large)]
  expect(pieces).toHaveLength(Math.round((6 * 12 * fullBlock) / (6 * mergePieceRunBytes)))
  expect([...mergePieces(0, template, [...large, ...times(60, runOf(40))])]).toHaveLength(pieces.length)
})
