import {expect, test} from 'vitest'
import {rankNodes, weightOf} from '../../../../src/ddfs/index.ts'

const nodes = ['n1', 'n2', 'n3', 'n4', 'n5']

test('the weight of a pair is fixed for ever', () => {
  expect([weightOf('n1', 'a:b'), weightOf('n2', 'a:b')]).toMatchInlineSnapshot(`
    [
      4173763528,
      3862269460,
    ]
  `)
})

test('the order of the nodes does not matter', () => {
  expect(rankNodes('t', nodes.toReversed())).toEqual(rankNodes('t', nodes))
})

test('tags spread evenly, and a node that goes moves only its own', () => {
  const counts = new Map<string, number>()
  for (let index = 0; index < 5000; index++) {
    const [first, second] = rankNodes(`tag:${index}`, nodes)
    counts.set(first!, (counts.get(first!) ?? 0) + 1)
    const left = rankNodes(
      `tag:${index}`,
      nodes.filter(node => node !== 'n3'),
    )
    expect(left[0]).toBe(first === 'n3' ? second : first)
  }
  for (const count of counts.values()) expect(count).toBeGreaterThan(900)
})
