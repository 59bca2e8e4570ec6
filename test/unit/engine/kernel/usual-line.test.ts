/** What most lines look like, and whether code is made for them. */
import {expect, test} from 'vitest'
import {usualCode} from '../../../../src/engine/kernel/usual-line/usual-code.ts'
import {type NeededName, usualLine} from '../../../../src/engine/kernel/usual-line/usual-line.ts'

declare const WebAssembly: {validate(code: Uint8Array): boolean}

const bytesOf = (lines: readonly string[]): readonly Uint8Array[] => lines.map(line => Buffer.from(`${line}\n`))
const alike = (line: (index: number) => string): readonly Uint8Array[] =>
  bytesOf(Array.from({length: 16}, (_, index) => line(index)))

function needed(name: string, more: Partial<NeededName> = {}): NeededName {
  return {name, context: 0, bit: 3, slot: 40, allowed: -1, child: 0, isRefused: false, objectBit: undefined, ...more}
}

function shown(lines: readonly Uint8Array[], names: readonly NeededName[] = [], slots: readonly number[] = []) {
  const usual = usualLine(lines, names, slots)
  if (usual === undefined) return undefined
  const values = usual.values.map(({step, kind, slot}) => `${Buffer.from(step)} ${kind} ${slot}`)
  return {values, end: Buffer.from(usual.end).toString(), absent: usual.absent, bits: usual.bits}
}

test('a usual line is the bytes between its values, quotes with them, and the kinds of these', () => {
  const lines = alike(index => `{"a":"x${index}","n":${index}.5,"ok":${index % 2 === 0},"k":"v"}`)
  expect(shown(lines, [needed('k'), needed('gone', {slot: 64, bit: 4})], [40, 64])).toEqual({
    values: ['{"a":" text 0', '","n": number 0', ',"ok": literal 0', ',"k":" text 40'],
    end: '"}\n',
    absent: [64],
    bits: 8n,
  })
})

test('objects and lists of one shape are read member by member, others as a whole', () => {
  const lines = alike(index => `{"u":{"x":${index},"at":[1,2]},"list":[${'7,'.repeat(index % 4)}7],"n":1}\r`)
  expect(shown(lines)).toEqual({
    values: ['{"u":{"x": number 0', ',"at":[ number 0', ', number 0', ']},"list": any 0', ',"n": number 0'],
    ...{end: '}\r\n', absent: [], bits: 0n},
  })
})

test('a member that is sometimes null is read as any value', () => {
  const lines = alike(index => `{"a":${index % 3 === 0 ? 'null' : '"text"'},"n":1}`)
  expect(shown(lines)?.values).toEqual(['{"a": any 0', ',"n": number 0'])
})

test('nested fields set the bits of the objects on the way to them', () => {
  const names = [needed('u', {slot: 0, bit: 5, child: 1, objectBit: 6}), needed('x', {context: 1, bit: 0})]
  expect(
    shown(
      alike(index => `{"u":{"x":${index}},"x":7}`),
      names,
    ),
  ).toMatchObject({
    values: ['{"u":{"x": number 40', '},"x": number 0'],
    bits: 0b1100001n,
  })
})

test.each([
  ['differ', (index: number) => `{"k":1,"n${index}":2}`],
  ['are broken', () => '{"k":1'],
  ['are no objects', () => '[1]'],
  ['are empty', () => '{}'],
  ['are not UTF-8', () => '{"k":1,"\u00ff":2}'],
  ['have escapes in names', () => '{"k":1,"\\u0061":2}'],
  ['have a needed name twice', () => '{"k":1,"k":2}'],
  ['have a name that is refused', () => '{"k":1,"u.x":2}'],
  ['have an object where text is needed', () => '{"k":{"x":1}}'],
  ['have an empty list where text is needed', () => '{"k":[]}'],
  ['have an object on the way twice', () => '{"u":{"x":1},"u":{"y":2}}'],
  ['have text on the way to a field', () => '{"u":"text"}'],
  ['have an empty object on the way to a field', () => '{"u":{}}'],
  ['have kinds that are not allowed', () => '{"n":"text"}'],
  ['are nested too deep', () => `{"k":1,"d":${'['.repeat(70)}${']'.repeat(70)}}`],
])('there is no usual line where lines %s', (why, line) => {
  const names = [
    ...[needed('k'), needed('u', {slot: 0, child: 1}), needed('x', {context: 1}), needed('y', {context: 1})],
    ...[needed('u.x', {isRefused: true}), needed('n', {allowed: 1 << 5})],
  ]
  const lines = alike(line)
  const given = why === 'are not UTF-8' ? lines.map(one => Buffer.from(Buffer.from(one).toString(), 'latin1')) : lines
  expect(usualLine(given, names, [40])).toBeUndefined()
})

test.each([1, 2, 4])('the code is a valid module, for %i lines side by side', laneCount => {
  const lines = alike(
    index =>
      `{"t":"${'x'.repeat(index * 9)}","e":"é","m":${index % 2 === 0 ? -1 : 1}.5,"l":123456789012345678,"n":${index},"o":${index % 3 === 0 ? '[1]' : 'null'},"ok":true,"k":"v"}`,
  )
  const names = ['t', 'e', 'm', 'l', 'n', 'ok'].map((name, index) =>
    needed(name, {bit: index, slot: 16 + index * 24, allowed: name === 'ok' ? 1 << 3 : -1}),
  )
  const slots = [...names.map(({slot}) => slot), 400]
  for (const wanted of [names, []]) {
    const usual = usualLine(lines, wanted, slots)!
    const code = usualCode(usual, {laneCount, areaBytes: 424, laneLines: 16, vectorsAt: 70_000})
    expect(WebAssembly.validate(code)).toBe(true)
  }
})
