/** Rules and dirty contents made from a seed. */
import {gzipSync, zstdCompressSync} from 'node:zlib'
import {type Random, seededRandom} from '../../../src/base/index.ts'
import type {Content} from './rules-kit.ts'

const fields = ['site', 'price', 'ip', 'n', 'nested.deep', 'absent']

/** Lines of all kinds: good ones, broken ones, none, of other types, with numbers that are hard to add. */
function line(random: Random, index: number): string {
  switch (random.int(24)) {
    case 0:
      return `{"site": "open ${index}`
    case 1:
      return ''
    case 2:
      return random.pick(['[1]', '17', 'null', '"text"', '{}', '{"site":null}'])
    case 3:
      return `{"site":"\\ud800","price":"${index}x","n":1e${random.int(300)}}`
    case 4:
      return `{"n":${random.pick(['9007199254740993', '-0', '0.1', '1e-7', '"12"'])},"site":${random.int(5)}}`
    default: {
      const price = random.int(3) === 0 ? undefined : random.int(10_000) / 100
      const site = `s${random.int(40)}`
      return JSON.stringify({site, price, ip: `10.0.0.${random.int(60)}`, n: index, nested: {deep: random.int(4)}})
    }
  }
}

export function randomContents(seed: number, count: number): Content[] {
  const random = seededRandom(seed)
  return Array.from({length: count}, (_, file) => {
    const lines = Array.from({length: random.int(10) === 0 ? 0 : random.int(800)}, (_, index) => line(random, index))
    // The last line may lack its newline, and a byte may be none of UTF-8.
    const text = Buffer.from(`${lines.join('\n')}${random.int(2) === 0 || lines.length === 0 ? '' : '\n'}`)
    if (text.length > 10 && random.int(4) === 0) text[random.int(text.length)] = 0xff
    const pack = random.pick([gzipSync, zstdCompressSync, (bytes: Buffer) => bytes, (bytes: Buffer) => bytes])
    // Contents that are equal would be one blob under two names, which is tried elsewhere.
    return {name: `part-${file}`, bytes: text.length === 0 ? text : pack(text)}
  })
}

const aggregates = [
  ...fields.map(field => `'${field}'`),
  `'count'`,
  ...fields.flatMap(field => [
    `inferno.p95('${field}')`,
    `inferno.distinct('${field}', {exactUpTo: 8})`,
    `inferno.min('${field}')`,
    `inferno.avg('${field}')`,
    `inferno.collect('${field}', {max: 3})`,
    `inferno.last('${field}', {by: 'n'})`,
    `inferno.topK('${field}', 2)`,
  ]),
]

const steps = [
  `inferno.where('n > 10')`,
  `inferno.where('exists(site)')`,
  `inferno.explode('ip', {as: 'letter'})`,
  `inferno.parseJson('ip')`,
  `parts => parts.n % 7 === 3 ? [] : parts`,
  `parts => { if (parts.n % 50 === 1) throw new Error('no ' + parts.n); return {...parts, price: (parts.price ?? 0) * 2} }`,
]

const pairHooks = [
  `sort: false`,
  `partitions: 3`,
  `reduceFunction: function* (pairs) { for (const [key, values] of pairs) yield [key, values] }`,
]

/** What goes into defineRule beside the name. */
export function randomRule(seed: number): string {
  const random = seededRandom(seed)
  const some = (all: readonly string[], most: number): string[] => all.filter(() => random.next() * all.length < most)
  const keyParts = [...new Set(some(fields, 2))]
  const hooks = random.int(3) === 0 ? some(pairHooks, 2) : []
  const allowed = hooks.length === 0 ? aggregates : aggregates.filter(each => !each.includes('topK'))
  const values = [`'count'`, ...some(allowed, 4).filter(each => each !== `'count'`)]
  const valueParts = values.map((value, index) => `v${index}: ${value.startsWith("'") ? sumOf(value) : value}`)
  return [
    `keyParts: [${keyParts.map(part => `'${part}'`).join(', ')}]`,
    `valueParts: {${valueParts.join(', ')}}`,
    `partsPreprocess: [${some(steps, 1.5).join(', ')}]`,
    ...hooks,
  ].join(',\n')
}

const sumOf = (value: string): string => (value === `'count'` ? 'inferno.count()' : `inferno.sum(${value})`)
