/** Dirty lines of every format, from the generators that the kernel is tried with. */
import type {Random} from '../../src/base/index.ts'
import type {Format} from '../../src/rules/index.ts'
import {someCsv} from '../unit/engine/kernel/dirty-csv.ts'
import {chance, meanings, someLine, someShape, type Taste} from '../unit/engine/kernel/dirty-data.ts'
import {accessLogPaths, logfmtPaths, someAccessLog, someLogfmt} from '../unit/engine/kernel/dirty-logs.ts'

export interface Lines {
  readonly format: Format
  readonly bytes: Uint8Array
  /** Fields of the records and others; those that conditions are about come first. */
  readonly paths: readonly string[]
  /** Into objects and arrays; the others again where records have none. */
  readonly nestedPaths: readonly string[]
  /** Fields that often are numbers. */
  readonly numberPaths: readonly string[]
  /** Fields that often are times, addresses and hosts. */
  readonly meaningPaths: readonly string[]
}

const jsonPaths = ['a', 'b', 'n', 'u', 'price', 'u.x', 'a.b', 'missing', '__proto__', 'ü', 'u.x.deep', 'a[0]', 'u.1']
const nestedPaths = ['u', 'u.x', 'u.0', 'u.1', 'u[0]', 'u.1.x', 'a', 'a.b', 'a[0]', 'a.0.b']
const csvPaths = ['a', 'b', 'n', 'u', 'price', 'u.x', 'a.b', 'missing', '__proto__', 'ü', '0', '1', 'count']

export function someLines(random: Random, taste: Taste): Lines {
  return random.pick([
    someJson,
    someJson,
    someJson,
    someRecords,
    someRecords,
    someMixture,
    someKeyValues,
    someAccess,
    someMatches,
  ])(random, taste)
}

function someJson(random: Random, taste: Taste): Lines {
  const shapes = Array.from({length: 1 + random.int(3)}, () => someShape(random, taste))
  const line = (): Uint8Array => {
    if (chance(random, 0.1)) {
      const [a, b] = [random.pick(meanings), random.pick(meanings)]
      return Buffer.from(JSON.stringify({a, b, n: random.int(1_900_000_000), u: random.pick(meanings), price: b}))
    }
    if (chance(random, 0.15)) return nestedLine(random)
    return someLine(random, random.pick(shapes), taste)
  }
  return {
    format: 'json',
    bytes: joined(random, line),
    paths: jsonPaths,
    nestedPaths,
    numberPaths: ['n', 'price', 'a'],
    meaningPaths: ['a', 'b', 'u'],
  }
}

/** Objects and arrays under names that paths go through. */
function nestedLine(random: Random): Uint8Array {
  const inner = (depth: number): unknown =>
    random.pick<() => unknown>([
      () => random.pick(['x', '1', 7, 12.5, true, null]),
      () => random.pick(['x', '1', 7, 12.5, true, null]),
      () => ({x: depth > 2 ? 1 : inner(depth + 1), 1: depth > 2 ? 'b' : inner(depth + 1)}),
      () => ({b: depth > 2 ? 2 : inner(depth + 1)}),
      () => (depth > 2 ? [] : [inner(depth + 1), inner(depth + 1)]),
    ])()
  return Buffer.from(JSON.stringify({u: inner(0), a: inner(0), n: random.int(9), b: random.pick(['x', 'y'])}))
}

function someRecords(random: Random, taste: Taste): Lines {
  const {format, bytes} = someCsv(random, taste)
  // A header that is no good leaves nothing to compare.
  const paths = format.fields === undefined ? ['0', '1', '2', '3', '4', 'a', 'missing', '00'] : csvPaths
  return {format, bytes, paths, nestedPaths: paths, numberPaths: paths.slice(0, 5), meaningPaths: paths.slice(0, 4)}
}

function someMixture(random: Random, taste: Taste): Lines {
  const {format, names, bytes} = someCsv(random, taste)
  const fields = names.filter(name => name !== '')
  const shape = someShape(random, taste)
  const lines = Buffer.from(bytes)
    .toString('latin1')
    .split('\n')
    .map(line => Buffer.from(line, 'latin1'))
  const either = lines.flatMap(line => (random.int(2) === 0 ? [line] : [line, someLine(random, shape, taste)]))
  return {
    format: {...format, type: 'dynamic', fields: fields.length > 0 ? fields : ['a']},
    bytes: Buffer.concat(either.flatMap(line => [line, Buffer.from('\n')])),
    paths: jsonPaths,
    nestedPaths,
    numberPaths: ['n', 'price', 'a'],
    meaningPaths: ['a', 'b', 'u'],
  }
}

function someKeyValues(random: Random, taste: Taste): Lines {
  return {
    format: 'logfmt',
    bytes: joined(random, someLogfmt(random, taste)),
    paths: logfmtPaths,
    nestedPaths: logfmtPaths,
    numberPaths: ['n', 'at', 'price', 'dur'],
    meaningPaths: ['at', 'msg', 'level'],
  }
}

function someAccess(random: Random, taste: Taste): Lines {
  const format = random.pick(['combined-log', 'common-log'] as const)
  return {
    format,
    bytes: joined(random, someAccessLog(random, taste, format === 'combined-log')),
    paths: accessLogPaths,
    nestedPaths: accessLogPaths,
    numberPaths: ['bytes', 'status', 'user'],
    meaningPaths: ['time', 'host', 'path', 'referer'],
  }
}

const patterns = [
  '^(?P<host>[^ ]*) (?P<ident>[^ ]*) (?P<rest>.*)$',
  '\\[(?<time>[^\\]]*)\\] "(?:(?P<method>[A-Z]+) )?(?P<path>[^ "]*)',
  '" (?P<status>[0-9]+|-) (?P<bytes>[0-9]+)|(?P<host>#) comment',
]

function someMatches(random: Random, taste: Taste): Lines {
  const lines = someAccess(random, taste)
  return {...lines, format: {type: 'regex', pattern: random.pick(patterns)}}
}

function joined(random: Random, line: () => Uint8Array): Uint8Array {
  const pieces: Uint8Array[] = []
  for (let index = random.pick([1, 5, 40, 100]); index > 0; index--) {
    pieces.push(line(), Buffer.from(chance(random, 0.05) ? '\r\n' : '\n'))
  }
  if (random.int(2) === 0) pieces.pop()
  return Buffer.concat(pieces)
}
