import {expect, test} from 'vitest'
import {lineOfOption} from '../../../src/rules/source-lines.ts'

const source = `import {defineRule} from 'disco-inferno'
// keyParts: not here
export const shared = {keyParts: ['x']}

export const clicks = defineRule({
  name: 'clicks', /* keyParts: nor
  here */
  partsPreprocess: [
    parts => ({...parts, keyParts: 'nor { here', other: /[{"]keyParts: \\// }),
    function* (parts) { yield \`\${parts.a} keyParts: { \` },
  ],
  keyParts: [ // by
    'a',
    'b',
  ],
  'valueParts': {revenue: sum('price'),
    slow: p95('ms')},
  keysets: {
    byDay: {keyParts: ['x'],
      valueParts: [5] },
    ["by.site"]: {
      keyParts: [],
    },
  },
  mapFunction() { return {sort: 1} },
  sort,
})

export default [defineRule(
  {
    name: 'second',
    keyParts: [],
  }
)]
`

function lineIn(text: string): number {
  return source.split('\n').findIndex(line => line.includes(text)) + 1
}

test.each([
  [['name'], "name: 'clicks'"],
  [['keyParts'], 'keyParts: [ // by'],
  [['keyParts', 1], "    'b',"],
  [['valueParts'], "'valueParts'"],
  [['valueParts', 'slow'], 'slow: p95'],
  [['valueParts', 'slow', 'q'], 'slow: p95'],
  [['partsPreprocess', 1], 'function*'],
  [['keysets', 'byDay', 'valueParts', 0], 'valueParts: [5]'],
  [['keysets', 'by.site', 'keyParts'], '      keyParts: [],'],
  [['mapFunction'], 'mapFunction()'],
  [['sort'], '  sort,'],
])('the line of %j is found', (path, text) => {
  expect(lineOfOption(source, lineIn('clicks = defineRule'), path)).toBe(lineIn(text))
})

test('what the text does not show has no line', () => {
  expect(lineOfOption(source, lineIn('clicks = defineRule'), ['dayRange'])).toBeUndefined()
  expect(lineOfOption(source, lineIn('clicks = defineRule'), [])).toBeUndefined()
  expect(lineOfOption('export default defineRule(options)', 1, ['name'])).toBeUndefined()
  expect(lineOfOption('', 12, ['name'])).toBeUndefined()
})

test('a second rule of the file is looked through on its own', () => {
  expect(lineOfOption(source, lineIn('[defineRule('), ['keyParts'])).toBe(lineIn("name: 'second'") + 1)
})

test('unfinished text does not stop the search', () => {
  expect(lineOfOption('defineRule({\n a: `x\n keyParts: [', 1, ['a'])).toBe(2)
  expect(lineOfOption("defineRule({\n a: 'x\n, b: /* ", 1, ['a'])).toBe(2)
})
