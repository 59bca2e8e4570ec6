import {expect, test} from 'vitest'
import {NodeLinks} from '../../../../src/cluster/master/node-links.ts'

test('a node is in from its inventory until the connection of that is another one, or none', () => {
  const links = new NodeLinks()
  expect(links.numberOf('n1')).toBeUndefined()
  expect(links.begin('n1', 7)).toBe(1)
  expect(links.leaves('n1', 7)).toBe(false)
  expect(links.numberOf('n1')).toBe(1)
  expect(links.leaves('n1', 8)).toBe(true)
  expect(links.numberOf('n1')).toBeUndefined()
})

test('it leaves once, and comes back under a higher number', () => {
  const links = new NodeLinks()
  links.begin('n1', 7)
  expect(links.leaves('n1', undefined)).toBe(true)
  expect(links.leaves('n1', undefined)).toBe(false)
  expect(links.begin('n1', 8)).toBe(2)
})

test('a new inventory on the same link has a number of its own: what the one before told is old', () => {
  const links = new NodeLinks()
  links.begin('n1', 7)
  expect(links.begin('n1', 7)).toBe(2)
})

test('all are forgotten at once, whether they are in or not', () => {
  const links = new NodeLinks()
  links.begin('n1', 1)
  links.begin('n2', 2)
  links.begin('n3', 3)
  links.leaves('n2', undefined)
  links.forget('n3')
  expect(links.forgetAll()).toEqual(['n1', 'n2'])
  expect(links.numberOf('n1')).toBeUndefined()
})
