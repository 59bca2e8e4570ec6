import {describe, expect, test} from 'vitest'
import {flameGraph} from '../../../../src/cli/jobs/flame/flame-graph.ts'
import {addStacks, frameTree, stacksText} from '../../../../src/cli/jobs/flame/stacks.ts'
import {checkFlameName} from '../../../../src/cli/jobs/flame/write-flame.ts'

const stacksOf = (text: string, roots: readonly string[] = []): Map<string, number> => {
  const all = new Map<string, number>()
  addStacks(all, text, roots)
  return all
}

describe('collapsed stacks', () => {
  test('of several profiles are added up below their stage', () => {
    const all = stacksOf('a (x.ts:1);b 100\na (x.ts:1) 50\n', ['map'])
    addStacks(all, 'a (x.ts:1);b 11\nnot a stack\n;x -3\n 5\n', ['map'])
    addStacks(all, 'a (x.ts:1) 1', ['reduce'])
    expect(stacksText(all)).toBe('map;a (x.ts:1) 50\nmap;a (x.ts:1);b 111\nreduce;a (x.ts:1) 1\n')
  })

  test('are a tree whose frames hold the time of what they called', () => {
    const root = frameTree(stacksOf('a;b 3\na;c 4\na 5\nd 1\n'))
    expect(root.weight).toBe(13)
    expect(root.children.get('a')?.weight).toBe(12)
    expect([...root.children.get('a')!.children.values()].map(({name, weight}) => [name, weight])).toEqual([
      ['b', 3],
      ['c', 4],
    ])
  })
})

describe('a flame graph', () => {
  const svg = flameGraph('job <1>', stacksOf('map;f<T> "x" & 7500\nmap;(garbage collector) 2500\n'))

  test('is as wide as the time and tells each function in a tooltip', () => {
    expect(svg).toContain('job &lt;1&gt;')
    expect(svg).toContain('<title>map: 10.0 ms, 100.0 %</title>')
    expect(svg).toContain('<title>f&lt;T&gt; &quot;x&quot; &amp;: 7.5 ms, 75.0 %</title>')
    const widths = [...svg.matchAll(/<rect x="[\d.]+" y="\d+" width="([\d.]+)"/g)].map(match => Number(match[1]))
    expect(widths).toEqual([1180, 1180, 295, 885])
  })

  test('is well-formed whatever functions are called, and not larger for what nobody could see', () => {
    const odd = flameGraph('', stacksOf(`${String.fromCharCode(1)}\ud800</svg> 1000000\nseen;tiny 1\n`))
    expect(odd).toContain('??&lt;/svg&gt;')
    expect(odd).not.toContain('tiny')
    expect(odd.match(/<g>/g)?.length).toBe(odd.match(/<\/g>/g)?.length)
  })

  test('of nothing is an empty picture', () => {
    expect(flameGraph('x', new Map())).toMatch(/<\/svg>\n$/)
  })
})

test.each([
  ['a.svg', 'svg'],
  ['a.SVG', 'svg'],
  ['a.b.folded', 'stacks'],
  ['a.txt', 'stacks'],
])('the name %s asks for %s', (name, kind) => {
  expect(checkFlameName(name)).toBe(kind)
})

test('a name that says nothing is refused', () => {
  expect(() => checkFlameName('a.png')).toThrow(expect.objectContaining({code: 'BAD_FLAG', exitCode: 2}))
})
