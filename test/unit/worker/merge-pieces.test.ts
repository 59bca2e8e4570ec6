import {expect, test} from 'vitest'
import {rowTemplate} from '../../../src/sinks/index.ts'
import {mergePieceRunBytes} from '../../../src/worker/limits.ts'
import {canMergeByBlocks, mergePieces} from '../../../src/worker/merge-pieces.ts'
import type {Run} from '../../../src/worker/run-files.ts'

const fullBlock = 256 * 1024
const template = rowTemplate('csv', {name: 't', table: 't', columns: ['k', 'count'], keyCount: 1}, 1)!

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
  expect(canMergeByBlocks(times(129, runOf(fullBlock)))).toBe(false)
  expect(canMergeByBlocks(times(1025, runOf(40)))).toBe(false)
  expect(canMergeByBlocks([runOf(40), {...runOf(40), index: undefined}])).toBe(false)
})

test('small runs do not make pieces larger', () => {
  const large = times(6, runOf(...Array.from({length: 12}, () => fullBlock)))
  const pieces = [...mergePieces(0, template, large)]
  expect(pieces).toHaveLength(Math.round((6 * 12 * fullBlock) / (6 * mergePieceRunBytes)))
  expect([...mergePieces(0, template, [...large, ...times(60, runOf(40))])]).toHaveLength(pieces.length)
})
