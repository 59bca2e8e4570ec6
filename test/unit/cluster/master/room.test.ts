import {expect, test} from 'vitest'
import {diskSharersOf, roomOf} from '../../../../src/cluster/master/api/room.ts'

const on = (name: string, disks: Record<string, number>) => ({
  name,
  state: 'up',
  status: {freeBytes: 999, isFull: false, disks: Object.entries(disks).map(([disk, freeBytes]) => ({disk, freeBytes}))},
})

test('the room of a cluster is that of nodes that are up and take data', () => {
  const node = (state: string, isFull: boolean) => ({state, status: {freeBytes: 10, isFull}})
  const nodes = [node('up', false), node('up', true), node('lost', false), node('suspect', false), node('up', false)]
  expect(roomOf([...nodes, {state: 'up'}] as never)).toBe(20)
})

test('a disk that nodes share counts once, with the least that was seen free on it', () => {
  const nodes = [on('n1', {d1: 100}), on('n2', {d1: 90, d2: 7}), on('n3', {d3: 1000})]
  expect(roomOf(nodes as never)).toBe(1097)
})

test('nodes on one disk are named together once, others not at all', () => {
  const nodes = [on('n1', {d1: 1, d2: 1}), on('n2', {d2: 1, d1: 1}), on('n3', {d3: 1}), {name: 'n4', state: 'lost'}]
  expect(diskSharersOf(nodes as never)).toEqual([['n1', 'n2']])
})
