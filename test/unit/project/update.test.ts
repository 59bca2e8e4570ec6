import assert from 'node:assert/strict'
import {test} from 'vitest'
import {type ExampleOutcome, type UpdateRequest, updateExampleSource} from '../../../src/project/index.ts'

const outcome = (rows: ExampleOutcome['keysets'][number]['rows'], bad = 0): ExampleOutcome => ({
  keysets: [{keyset: '_default', columns: ['k', 'count'], keyCount: 1, rows}],
  bad,
})
const request = (rows: UpdateRequest['example']['rows'], more: Partial<UpdateRequest> = {}): UpdateRequest => ({
  line: 3,
  exampleIndex: 0,
  example: {rows},
  outcome: outcome([['a', 2]]),
  ...more,
})
const rule = (examples: string): string =>
  `import {defineRule} from 'disco-inferno'\n\nexport default defineRule({\n  name: 'x',\n  examples: ${examples},\n})\n`

function updated(source: string, change: UpdateRequest): string {
  const result = updateExampleSource(source, change)
  assert.ok(result.isUpdated, result.isUpdated ? '' : result.reason)
  return result.source
}
function refused(source: string, change: UpdateRequest): string {
  const result = updateExampleSource(source, change)
  assert.ok(!result.isUpdated)
  assert.match(result.paste, /^rows: /)
  return result.reason
}

test('only the rows change', () => {
  const source = rule("[{input: ['{}'], rows: [['a', 1]]}]")
  assert.equal(updated(source, request([['a', 1]])), source.replace("['a', 1]", "['a', 2]"))
})

test('the example is found by rule line and place', () => {
  const two = `const {defineRule} = await import('disco-inferno')

export const a = defineRule({name: 'a', examples: [{input: '', rows: [['a', 1]]}]})
export const b = defineRule({name: 'b', examples: [{input: '', rows: [['a', 1]]}, {rows: [['a', 1]], input: ''}]})
`
  const lines = updated(two, request([['a', 1]], {line: 4, exampleIndex: 1})).split('\n')
  const before = two.split('\n')
  assert.equal(lines[2], before[2])
  assert.equal(lines[3], before[3]!.replace("{rows: [['a', 1]]", "{rows: [['a', 2]]"))
})

test('comments, strings, templates and regular expressions before it do not mislead', () => {
  const source = rule(`[
    // examples: [{rows: [['a', 1]]}]
    {
      name: "it's ] } \\" here", /* rows: [] */
      input: [\`}\${[1, '\`'].map(x => \`\${x}\`)}]\`, 'a'.replace(/[/'"}]/g, '') + 4 / 2 / 1],
      rows: [['a', 1]],
    },
  ]`)
  assert.equal(updated(source, request([['a', 1]])), source.replace("      rows: [['a', 1]]", "      rows: [['a', 2]]"))
})

test('long rows are written one a line, short ones on one', () => {
  const source = rule("[\n    {\n      input: '',\n      rows: [['a', 1]],\n    },\n  ]")
  const rows = Array.from({length: 12}, (_, index) => [`key number ${index}`, index])
  const text = updated(source, request([['a', 1]], {outcome: outcome(rows)}))
  assert.ok(text.includes("      rows: [\n        ['key number 0', 0],\n"), text)
  assert.ok(text.includes("        ['key number 11', 11],\n      ],\n    },"), text)
  const back = updated(text, request(rows))
  assert.equal(back, source.replace("['a', 1]", "['a', 2]"))
})

test('rows by keyset stay rows by keyset, of those that were named', () => {
  const source = rule("[{input: '', rows: {by_k: [['a', 1]], 'odd name': []}}]")
  const two: ExampleOutcome = {
    keysets: [
      {keyset: 'by_k', columns: ['k', 'count'], keyCount: 1, rows: [['a', 5]]},
      {keyset: 'odd name', columns: ['count'], keyCount: 0, rows: [[7]]},
      {keyset: 'other', columns: ['count'], keyCount: 0, rows: [[8]]},
    ],
    bad: 0,
  }
  const text = updated(source, request({by_k: [['a', 1]], 'odd name': []}, {outcome: two}))
  assert.ok(text.includes("rows: {by_k: [['a', 5]], 'odd name': [[7]]}"), text)
})

test('several rows are written as a formatter would', () => {
  const source = rule('[\n    {\n      rows: [],\n    },\n  ]')
  const text = updated(
    source,
    request([], {
      outcome: outcome([
        ['a', 1],
        ['b', 2],
      ]),
    }),
  )
  assert.ok(text.includes("      rows: [\n        ['a', 1],\n        ['b', 2],\n      ],\n"), text)
})

test('cells keep their digits and quotes', () => {
  const source = rule("[{input: '', rows: []}]")
  const cells = [
    9007199254740993n,
    {toString: () => '0.1000000000000000055', valueOf: () => 0.1},
    1.5,
    null,
    true,
    `it's "so"\n`,
  ]
  const text = updated(source, request([], {outcome: outcome([cells])}))
  assert.ok(text.includes(`[['9007199254740993', '0.1000000000000000055', 1.5, null, true, 'it\\'s "so"\\n']]`), text)
})

test('the number of bad records is written where it differs', () => {
  const flat = updated(rule("[{input: '', rows: []}]"), request([], {outcome: outcome([['a', 2]], 3)}))
  assert.ok(flat.includes("rows: [['a', 2]], bad: 3}"), flat)
  const tall = updated(rule('[\n    {\n      rows: [],\n    },\n  ]'), request([], {outcome: outcome([], 3)}))
  assert.ok(tall.includes('      rows: [],\n      bad: 3,\n'), tall)
  const given = rule("[{input: '', bad: 1, rows: []}]")
  const known = updated(given, request([], {example: {rows: [], bad: 1}, outcome: outcome([], 3)}))
  assert.equal(known, given.replace('bad: 1', 'bad: 3'))
})

test('Windows line ends stay', () => {
  const source = rule('[\n    {\n      rows: [],\n    },\n  ]').replaceAll('\n', '\r\n')
  const rows = Array.from({length: 12}, (_, index) => [`key number ${index}`, index])
  const text = updated(source, request([], {outcome: outcome(rows)}))
  assert.ok(!/[^\r]\n/.test(text))
})

test('what is not certain is not touched', () => {
  const rows = [['a', 1]]
  assert.match(refused(rule('shared'), request(rows)), /not written as a list/)
  assert.match(
    refused(rule("[...shared, {rows: [['a', 1]]}]"), request(rows, {exampleIndex: 1})),
    /not all written out/,
  )
  assert.match(refused(rule('[{input, rows: expected}]'), request(rows)), /not plain data/)
  assert.match(refused(rule("[{rows: [['a', 1 /* one */]]}]"), request(rows)), /comment/)
  assert.match(refused(rule("[{rows: [['a', 1]].map(twice)}]"), request(rows)), /not plain data/)
  assert.match(refused(rule("[{rows: [['a', 1]], ...more}]"), request(rows)), /not plain data/)
  assert.match(refused(rule("[{rows: [['a', 7]]}]"), request(rows)), /not the one that ran/)
  assert.match(refused(rule("[{rows: [['a', 1]]}]"), request(rows, {line: 9})), /0 defineRule calls on line 9/)
  assert.match(refused('\n\ndefineRule(options, {examples: [{rows: []}]})', request([])), /not written in the call/)
  assert.match(refused("\n\ndefineRule({'", request([])), /could not be read/)
})
