import {expect, test} from 'vitest'
import {WipedNodes} from '../../../../src/cluster/master/wiped-nodes.ts'

function open({told, remembered = []}: {readonly told?: string; readonly remembered?: readonly string[]} = {}) {
  const place = {told, remembered}
  const member = (name: string) => ({name, key: `${name}-key`, state: 'up', isDraining: false}) as const
  const wiped = new WipedNodes(
    {
      told: () => place.told,
      remembered: () => place.remembered,
      save: (nodes, text) => {
        place.remembered = nodes
        place.told = text
      },
    },
    [member('n1'), member('n2')],
  )
  return {wiped, place}
}

test('a node with another folder than before is on the list; a new node is not', () => {
  const {wiped, place} = open()
  expect(wiped.noteKey('n1', 'n1-key')).toBe(false)
  expect(wiped.noteKey('n3', 'n3-key')).toBe(false)
  expect(wiped.noteKey('n3', 'other')).toBe(true)
  expect(wiped.noteKey('n1', 'other')).toBe(true)
  expect(wiped.noteKey('n1', 'other')).toBe(false)
  expect(wiped.names()).toEqual(['n1', 'n3'])
  expect(place).toEqual({told: 'n1 n3', remembered: ['n1', 'n3']})
})

test('a node is on the list once, until it has everything again', () => {
  const {wiped, place} = open()
  wiped.add('n2')
  wiped.add('n2')
  expect(place.told).toBe('n2')
  wiped.delete('n2')
  expect(wiped.has('n2')).toBe(false)
  expect(place).toEqual({told: '', remembered: []})
})

test('what the list of members says is newer than the own file, which counts when that says nothing', () => {
  expect(open({told: 'n1', remembered: ['n2']}).wiped.names()).toEqual(['n1'])
  expect(open({told: '', remembered: ['n2']}).wiped.names()).toEqual(['n2'])
  expect(open({remembered: ['n2']}).wiped.names()).toEqual(['n2'])
})
