import {describe, expect, test} from 'vitest'
import {
  type Grouping,
  groupings,
  hasEmptyTask,
  homeOf,
  homesOf,
  keyOfNumber,
  makeOutputSet,
  type Output,
  outputProblem,
  parseGrouping,
  partsOf,
  pipelineProblems,
  selectOutputs,
} from '../../../src/pipeline/index.ts'

const input = (label: number, ...nodes: string[]): Output => ({
  label,
  bytes: 1,
  records: 1,
  place: {type: 'blob', blob: 'b'},
  nodes,
})
const file = (label: number, node: string, path = 'f'): Output => ({
  label,
  bytes: 1,
  records: 1,
  place: {type: 'file', node, path},
})

const setOf = (grouping: Grouping, outputs: readonly Output[], key = '') =>
  makeOutputSet(outputs, homesOf(outputs, key), grouping)

/** Group -> numbers of its outputs. */
function grouped(
  grouping: Grouping,
  outputs: readonly Output[],
  producer: string | undefined,
): Record<string, number[]> {
  const set = setOf(grouping, outputs, producer)
  const parts = partsOf(grouping, producer, set)
  return Object.fromEntries(
    parts.map(({group}) => [`${group.label}@${group.node}`, selectOutputs(grouping, group, producer, set)]),
  )
}

describe('groups', () => {
  const six = [input(0, 'n1'), input(1, 'n1'), input(0, 'n2'), input(1, 'n2'), input(0, 'n3'), input(1, 'n3')]

  test.each<[Grouping, number]>([
    ['split', 6],
    ['group-label', 2],
    ['group-node', 3],
    ['group-node-label', 6],
    ['group-all', 1],
  ])('%s makes of six inputs with two labels on three nodes %i tasks', (grouping, count) => {
    expect(partsOf(grouping, undefined, setOf(grouping, six))).toHaveLength(count)
  })

  test('have their outputs in the order of their numbers', () => {
    expect(grouped('group-label', six, undefined)).toEqual({'0@': [0, 2, 4], '1@': [1, 3, 5]})
    expect(grouped('group-node', six, undefined)).toEqual({'0@n1': [0, 1], '0@n2': [2, 3], '0@n3': [4, 5]})
    expect(grouped('group-all', six, undefined)).toEqual({'0@': [0, 1, 2, 3, 4, 5]})
  })

  test('of split are one for each distinct label of the files of one task', () => {
    const outputs = [file(1, 'n1', 'a'), file(2, 'n1', 'b'), file(1, 'n1', 'c'), input(1, 'n2')]
    const set = setOf('split', outputs, 'k')
    const parts = partsOf('split', 'k', set)
    expect(parts.map(({group}) => selectOutputs('split', group, 'k', set))).toEqual([[0, 2], [1], [3]])
    expect(parts.map(({group}) => group.node)).toEqual(['n1', 'n1', 'n2'])
  })

  test("of split are one for each of the job's inputs, files too", () => {
    expect(partsOf('split', undefined, setOf('split', [file(1, 'n1'), file(1, 'n1')]))).toHaveLength(2)
  })

  test('are the same in slices', () => {
    const set = setOf('split', six)
    const slices = [...partsOf('split', undefined, set, 0, 4), ...partsOf('split', undefined, set, 4, 6)]
    expect(slices).toEqual(partsOf('split', undefined, set))
  })

  test('of several producers meet by their keys', () => {
    const keys = ['a', 'b'].map(key => partsOf('group-label', key, setOf('group-label', [file(7, 'n1')], key))[0]!.key)
    expect(keys[0]).toBe(keys[1])
  })

  test('select nothing from a producer that has nothing for them', () => {
    const set = setOf('group-label', [file(1, 'n1'), file(3, 'n1')], 'k')
    expect(selectOutputs('group-label', {label: 2, node: ''}, 'k', set)).toEqual([])
  })

  test('without outputs are one only for group-all after something', () => {
    expect(hasEmptyTask('group-all', true, 0)).toBe(true)
    expect(hasEmptyTask('group-all', false, 3)).toBe(true)
    expect(hasEmptyTask('group-all', false, 0)).toBe(false)
    for (const grouping of groupings.filter(name => name !== 'group-all')) {
      expect(hasEmptyTask(grouping, true, 0)).toBe(false)
    }
  })
})

test('the home of an output is its file, or one of its nodes, the same in any order of them', () => {
  expect(homeOf(file(0, 'n4'), '', 0)).toBe('n4')
  expect(homeOf(input(0), '', 0)).toBe('')
  const homes = Array.from({length: 60}, (_, number) => homeOf(input(0, 'n1', 'n2', 'n3'), '', number))
  expect(homes).toEqual(Array.from({length: 60}, (_, number) => homeOf(input(0, 'n3', 'n1', 'n2'), '', number)))
  for (const node of ['n1', 'n2', 'n3']) expect(homes.filter(home => home === node).length).toBeGreaterThan(8)
})

test('keys of numbers order like numbers', () => {
  const numbers = [0, 1, 9, 10, 35, 36, 1000, 2 ** 31, Number.MAX_SAFE_INTEGER]
  expect(numbers.map(keyOfNumber).sort()).toEqual(numbers.map(keyOfNumber))
})

describe('problems', () => {
  const stage = (name: string, grouping = 'split') => ({name, grouping, isConcurrent: false})

  test('are none for what can be run', () => {
    expect(pipelineProblems([stage('map'), stage('reduce', 'group-all')])).toEqual([])
    expect(pipelineProblems([])).toEqual([])
  })

  test.each([
    [[stage('map'), stage('sort'), stage('map')], 'stages 1 and 3 are both named "map"'],
    [[stage('input')], 'stage 1 cannot be named "input": that is the name of the job\'s inputs'],
    [[stage('a b')], /^stage 1 cannot be named "a b": names have 1 to 64/],
    [
      [stage('map', 'group-lable')],
      /unknown grouping "group-lable": known are split, .* Did you mean "group-label"\?$/,
    ],
    [Array.from({length: 101}, (_, number) => stage(`s${number}`)), 'a job has at most 100 stages, this one has 101'],
  ])('name what is wrong', (pipeline, problem) => {
    expect(pipelineProblems(pipeline)).toEqual([typeof problem === 'string' ? problem : expect.stringMatching(problem)])
  })

  test('of outputs name the output', () => {
    expect(outputProblem(file(0, 'n1'), 'output 3')).toBeUndefined()
    expect(outputProblem(file(-1, 'n1'), 'output 3')).toBe('output 3 has the label -1: labels are whole numbers from 0')
    expect(outputProblem({...file(0, 'n1'), bytes: 0.5}, 'output 3')).toContain('0.5 bytes')
    expect(outputProblem({...file(0, 'n1'), place: {type: 'urls', urls: []}}, 'output 3')).toBe(
      'output 3 has no address',
    )
  })
})

test("a grouping is known by Disco's name and by ours", () => {
  expect(parseGrouping('group_node_label')).toBe('group-node-label')
  expect(parseGrouping('group-all')).toBe('group-all')
  expect(parseGrouping('group')).toBeUndefined()
})
