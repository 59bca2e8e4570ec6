/** Random lines, from clean to broken, for comparing the kernel with the row path. Same random numbers, same lines. */
import type {Random} from '../../../../src/base/index.ts'

/** Member names that plans ask for, and others; some need care: dotted, of Object.prototype, not ASCII. */
const names = [
  'a',
  'b',
  'n',
  'u',
  'price',
  'count',
  'a.b',
  'u.x',
  '__proto__',
  'constructor',
  'ü',
  'other',
  'long_member_name_of_more_than_sixteen_bytes',
  '',
]

export const texts = [
  '',
  'x',
  'y',
  'size',
  '300x600',
  'sixteen bytes ok',
  'seventeen bytes!!',
  'thirty-two bytes of text exactly',
  'a much longer text that fills more than two vectors of sixteen bytes',
  'ünïcödé',
  '日本語',
  '😀',
  'a\ufeffb',
  '\ufffd',
  'DEL\u007f',
  '\u0080',
  '1',
  '12.5',
  ' 7 ',
  '1e3',
  'true',
  'null',
  '-0',
  '0x10',
  '1330905600057',
  '0',
  'false',
  '011056',
  'Mixed CASE',
]
/** What transforms are for, and what looks like it. */
export const meanings = [
  'http://example.com/a?b',
  'https://a.b-c_d.example',
  'https://Example.COM:80',
  'http://example.com.',
  'http://.example.com/',
  'http://a..b/',
  'http://',
  'https://user@example.com/',
  'http://localhost?x',
  'ftp://example.com/',
  'http://münchen.example/',
  'http://example.com x',
  'example.com/x',
  '10.2.3.4',
  '255.255.255.255',
  '10.2.3.256',
  '10.02.3.4',
  '10.2.3',
  '10.2.3.4.5',
  '10.2.3.4 ',
  '2001:db8:85a3::8a2e:370:7334',
  '1330905600057',
  '1330905600',
  '1330905600057000',
  '99999999999',
  '133090560005700',
  '0.30000000000000004',
  '100000000000',
  '-5',
  '253402300799',
  '253402300800',
  '2012-03-05T17:46:02.706Z',
  '2012-03-05 17:46:02',
  '2012-03-05',
  '2012-03-05T17:46:02+01:00',
  '2012-02-30T00:00:00Z',
  '2000-02-29T23:59:59Z',
  '1900-02-29T00:00:00Z',
  '2012-12-31T24:00:00Z',
  '2012-12-31T23:59:60Z',
  '2012-12-31t23:59:59,5Z',
  '2012-12-31T23:59:59.Z',
  '2012-1-31T23:59:59Z',
  '2012-12-31T23:59',
  '0000-01-01T00:00:00Z',
  '0001-01-01T00:00:00Z',
  '9999-12-31T23:59:59Z',
  '2021-01-03',
  '2020-12-31T00:00:00.000000Z',
  '10/Oct/2000:13:55:36 -0700',
]
/** As they stand in JSON. */
const escapedTexts = [
  '{\\"size\\":\\"x\\",\\"u\\":{\\"x\\":12345678901234567}}',
  '[1,{\\"x\\":null}]',
  '\\n',
  '\\u0041',
  '\\ud83d\\ude00',
  '\\ud800',
  '\\udc00x',
  '\\u0000',
  '\\u0001',
  'a\\"b',
  '\\\\',
  '\\/',
  'x\\u00e9y',
  'sixteen bytes ok\\t',
]
export const numbers = [
  '0',
  '1',
  '-1',
  '7',
  '10',
  '12.5',
  '-0.5',
  '0.1',
  '0.10',
  '1.0',
  '1.50',
  '100.00',
  '0.0',
  '0.00',
  '123456.789',
  '999999999999999',
  '-999999999999999',
  '99999999999999.9',
  '0.000001',
  '1330905600057',
  '10933',
  '0.8434',
  '12345678',
  '123456789',
  '1234567890123',
  '12345678.12345678',
]
export const oddNumbers = [
  '-0',
  '-0.0',
  '1e3',
  '1E+3',
  '1e-7',
  '0.0000001',
  '0.00000012',
  '1e400',
  '-1e400',
  '1e308',
  '5e-324',
  '1e21',
  '9007199254740991',
  '9007199254740992',
  '9007199254740993',
  '-9007199254740993',
  '9223372036854775807',
  '9223372036854775808',
  '18446744073709551616',
  '123456789012345678901234567890',
  '0.1234567890123456789',
  '0.30000000000000004',
  '123456789012345.6',
  '1.0000000000000000',
  '1.2345678901',
  '0.123456789012',
  '1000000000000000',
  '1e0',
  '0e0',
  '-1e-0',
  '0.000000000000000000001',
  '12345678901234567890.5',
  '1.10000000000000000000000',
  '100000000000000.000000001',
]
export const badNumbers = [
  '01',
  '-',
  '+1',
  '.5',
  '1.',
  '1.e3',
  '1e',
  '1e+',
  '-01',
  '00',
  '0x10',
  'NaN',
  'Infinity',
  '-Infinity',
  '1_000',
  '1 2',
  '--1',
  '1.2.3',
  '１',
]
const badValues = [
  'tru',
  'nul',
  'falsee',
  'True',
  'undefined',
  '',
  "'x'",
  '"open',
  '"a\tb"',
  '"a\u0001b"',
  '"bad \\x escape"',
  '"\\u12g4"',
  '"\\u123"',
  '{',
  '[',
  '[1,]',
  '{"x":}',
  '{"x" 1}',
  '{x:1}',
  '[1 2]',
  '{"a":1,}',
  ']',
  '}',
  '\u00a0',
  '"\u2028',
  '{"x":1]',
  '[1}',
  '[1:2]',
  '{1:2}',
  '{"x","y"}',
  '["x":1]',
  '{"x":[1,{"y":2]}}',
  '{"x":1 "y":2}',
  '{"x"::1}',
  '{"x":1,,"y":2}',
  '[,1]',
  '{,"x":1}',
  '{"x":{"y":1}',
  '[[1]',
  '{"x":1}}',
  '[01]',
  '[1.]',
  '{"x":1,"y"}',
  '[nul]',
  '["a\tb"]',
  '{"\\x":1}',
  '{"x":tru}',
]
const nested = [
  '{}',
  '[]',
  '[1,2,3]',
  '{"x":1}',
  '{"x":"in","y":2}',
  '{"y":2.5,"x":null}',
  '{"x":{"deep":1}}',
  '{"x":{"deep":1},"y":2,"n":3}',
  '{"x":{"deep":"1","x":2},"x2":{"y":5},"y":"z"}',
  '[{"x":1},{"x":[]}]',
  '[ ]',
  '{ }',
  '{"x":1,"x":2}',
  '[[[[[[]]]]]]',
  '{"z":true,"x":7}',
  '{"x":[1]}',
  '{"\\u0078":9}',
  '[true,false,null,"t\\n",-1.5e3]',
  '{ "x" : 1 , "y" : "z" }',
]
/** What steps make several records of. */
const several = [
  '["x","y"]',
  '["x"]',
  '[ 1 , 2.50,"x", null ]',
  '[true,false,"300x600",-7]',
  '["a b",["c"],{"x":1}]',
  '["\\u00e9\\n","x",12345678901234567890,1e3]',
  `[${'"x","y",7,'.repeat(20)}0]`,
  `[${'1,'.repeat(70)}2]`,
  '"two words"',
  '"it\'s 7 o\'clock, x"',
  '"--  x -- "',
  '"schöne Wörter x"',
  `"${'many words '.repeat(40)}"`,
]
const blanks = ['', '', '', ' ', '  ', '\t', '\r', ' \t']

/** Every value of the lists above that is JSON, as it stands in a line. */
export const allValues: readonly string[] = [
  ...[...texts, ...meanings].map(text => JSON.stringify(text)),
  ...escapedTexts.map(text => `"${text}"`),
  ...numbers,
  ...oddNumbers,
  ...nested,
  ...['true', 'false', 'null'],
]

export interface Taste {
  /** How often something is not plain, 0 to 1. */
  readonly oddness: number
  /** How often a line is not even JSON, 0 to 1. */
  readonly brokenness: number
}

export const chance = (random: Random, share: number): boolean => random.next() < share

/** A value as it stands in a line. */
export function someValue(random: Random, taste: Taste): string {
  if (chance(random, taste.brokenness * 0.1)) return random.pick(chance(random, 0.5) ? badNumbers : badValues)
  if (chance(random, taste.oddness)) {
    switch (random.int(5)) {
      case 0:
        return random.pick(oddNumbers)
      case 1:
        return `"${random.pick(escapedTexts)}"`
      case 2:
        return random.pick(nested)
      case 3:
        return randomNumber(random)
      default:
        return random.pick(['true', 'false', 'null'])
    }
  }
  if (chance(random, 0.08)) return random.pick(several)
  if (chance(random, 0.15)) return JSON.stringify(random.pick(meanings))
  if (chance(random, 0.5)) return random.pick(numbers)
  return JSON.stringify(random.pick(texts))
}

export function randomNumber(random: Random): string {
  const digits = (count: number): string => Array.from({length: count}, () => random.int(10)).join('')
  const sign = random.pick(['', '-'])
  const whole = random.pick(['0', String(1 + random.int(9)) + digits(random.int(18))])
  return `${sign}${whole}${random.pick(['', `.${digits(1 + random.int(12))}`])}${random.pick(['', '', '', `e${random.int(30) - 15}`])}`
}

/** What the lines of one input look like: members in order, each with the values it tends to have. */
export type Shape = readonly {readonly name: string; readonly values: readonly string[]}[]

export function someShape(random: Random, taste: Taste): Shape {
  const count = random.int(8)
  return Array.from({length: count}, () => ({
    name: chance(random, 0.7) ? random.pick(names.slice(0, 6)) : random.pick(names),
    values: Array.from({length: 1 + random.int(5)}, () => someValue(random, taste)),
  }))
}

/** A line of an input, without its end. */
export function someLine(random: Random, shape: Shape, taste: Taste): Uint8Array {
  const blank = (): string => (chance(random, taste.oddness * 0.1) ? random.pick(blanks) : '')
  if (chance(random, taste.oddness * 0.1)) {
    return Buffer.from(
      random.pick([
        '',
        ' ',
        '\r',
        '# comment',
        'null',
        '17',
        '"text"',
        '[1,2]',
        '[{"a":1}]',
        '{}',
        ' {"a":1} ',
        '\ufeff{"a":1}',
        '{"a":1}{"b":2}',
        '{"a":1} x',
        '{"a":1}\r',
      ]),
    )
  }
  const members = shape
    .filter(() => !chance(random, taste.oddness * 0.2))
    .map(({name, values}) => {
      const value = chance(random, taste.oddness * 0.3) ? someValue(random, taste) : random.pick(values)
      const text = chance(random, taste.oddness * 0.05) ? escapedName(name) : JSON.stringify(name)
      return `${blank()}${text}${blank()}:${blank()}${value}${blank()}`
    })
  if (members.length > 1 && chance(random, taste.oddness * 0.2)) members.reverse()
  if (members.length > 0 && chance(random, taste.oddness * 0.1)) members.push(random.pick(members))
  const line = Buffer.from(`${blank()}{${members.join(',')}}${blank()}`)
  return chance(random, taste.brokenness) ? mutated(random, line) : line
}

function escapedName(name: string): string {
  return `"${[...name].map(char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')}"`
}

const oddBytes = [
  0, 1, 0x1f, 0x20, 0x22, 0x5c, 0x2c, 0x3a, 0x7b, 0x7d, 0x5b, 0x5d, 0x30, 0x39, 0x2d, 0x2e, 0x65, 0x7f, 0x80, 0xbf,
  0xc0, 0xc2, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xf5, 0xff, 0x0d, 0x61, 0x6e,
]

/** What looks like UTF-8 and is not: too long, surrogates, beyond Unicode, cut off, out of place. And what is, at the edges. */
const sequences: readonly (readonly number[])[] = [
  [0xc0, 0x80],
  [0xc1, 0xbf],
  [0xe0, 0x80, 0x80],
  [0xe0, 0x9f, 0xbf],
  [0xed, 0xa0, 0x80],
  [0xed, 0xbf, 0xbf],
  [0xf0, 0x80, 0x80, 0x80],
  [0xf0, 0x8f, 0xbf, 0xbf],
  [0xf4, 0x90, 0x80, 0x80],
  [0xf5, 0x80, 0x80, 0x80],
  [0xe2, 0x82],
  [0xf0, 0x9f, 0x98],
  [0xc3],
  [0x80],
  [0xbf],
  [0xff],
  [0xfe],
  [0xe2, 0x28, 0xa1],
  [0xc3, 0xa9],
  [0xc2, 0x80],
  [0xe0, 0xa0, 0x80],
  [0xed, 0x9f, 0xbf],
  [0xee, 0x80, 0x80],
  [0xf0, 0x90, 0x80, 0x80],
  [0xf4, 0x8f, 0xbf, 0xbf],
  [0xef, 0xbb, 0xbf],
]

/** A line with one to three bytes changed, left out, doubled or put in; or cut off. */
export function mutated(random: Random, line: Uint8Array): Uint8Array {
  let bytes = [...line]
  for (let count = 1 + random.int(3); count > 0; count--) {
    const at = random.int(bytes.length + 1)
    switch (random.int(7)) {
      case 0:
        bytes[Math.min(at, bytes.length - 1)] = random.pick(oddBytes)
        break
      case 1:
        bytes.splice(at, 1)
        break
      case 2:
        bytes.splice(at, 0, random.pick(oddBytes))
        break
      case 3:
        bytes.splice(at, 0, ...bytes.slice(at, at + random.int(9)))
        break
      case 4:
        bytes = bytes.slice(0, at)
        break
      case 5:
        bytes.splice(at, 0, ...random.pick(sequences))
        break
      default:
        bytes[Math.min(at, bytes.length - 1)] = random.int(256)
    }
  }
  // A newline would make two lines of it.
  return Uint8Array.from(bytes.filter(byte => byte !== undefined && byte !== 0x0a))
}

/** Cuts bytes into chunks at random places; some are empty. */
export function someChunks(random: Random, bytes: Uint8Array): Uint8Array[] {
  const chunks: Uint8Array[] = []
  // A long input in small chunks only takes time.
  const most = random.pick(bytes.length > 50_000 ? [5_000, 100_000] : [1, 7, 64, 1000, 100_000])
  for (let at = 0; at < bytes.length; ) {
    const length = most === 1 ? 1 : random.int(most + 1)
    chunks.push(bytes.slice(at, at + length))
    at += length
  }
  return chunks
}
