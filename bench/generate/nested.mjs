/**
 * Nested page-view logs, about 600 bytes a line, grouped by `user.geo.city` and `page.section`, adding `metrics.cost`.
 *
 * What makes them hard: the same city is written raw in one record and with \u escapes in the next, names hold quotes,
 * commas and characters outside the basic plane, other objects and texts hold fields called `city` and `section` too.
 */
import {seededBits, skewed} from '../../scripts/ad-logs.mjs'
import {escapedJson, jsonBytes, writeLines} from './line-file.mjs'

const startMs = 1_772_668_800_000
/** One record in this many writes its city, section or title with escapes where raw bytes would do. */
const recordsPerEscaped = 8
const cityCount = 300
const sectionCount = 40
const awkwardCities = [
  ...['München', 'Zürich', 'São Paulo', '東京', 'Санкт-Петербург', 'Kraków', 'Reykjavík', 'القاهرة', 'Ağrı'],
  ...['Washington, D.C.', 'L"Aquila "Vecchia"', "Coeur d'Alene", 'Back\\slash City', 'Pizza 🍕 Town', 'a/b/c'],
]
const openings = 'New Old Upper Lower East West Port Saint Fort Lake'.split(' ')
const middles = 'ash birk dover elm fern glen haven ivy kings lind mill oak pine rose stone wick'.split(' ')
const ends = 'ton ham ford bury field dale mouth worth stead by'.split(' ')
const topics = ['news', 'sport', 'culture & arts', 'money', 'travel/asia', 'travel/europe', 'tech', 'food']
const titles = [
  'Ten "easy" recipes for a rainy day',
  'Was nun? Größere Städte wählen früher',
  'a decoy: {"city":"Nowhere","section":"none"} in a text',
  'C:\\temp\\readme.txt and other\tstories\n',
  '数据 and emoji 🎉🎉 in one headline',
  'Plain words without anything special in them at all',
]

/** Writes about `bytes` of records. The same seed gives the same file. */
export function writeNested(path, bytes, seed) {
  const random = seededBits(seed)
  // Both files of a set must know the same cities: the tables do not depend on the seed.
  const tables = buildTables(seededBits(1))
  let index = 0
  writeLines(path, bytes, () => recordText(index++, tables, random))
}

function recordText(index, tables, random) {
  const {plain, escaped, cityChoice, sectionChoice} = tables
  const forms = random() % recordsPerEscaped === 0 ? escaped : plain
  const city = forms.cities[cityChoice[random() >>> 16]]
  const section = forms.sections[sectionChoice[random() >>> 16]]
  const title = forms.titles[random() % titles.length]
  const id = random() % 1_000_000
  const digits = random() % 5
  const cost = ((random() % 50_000) / 10_000).toFixed(digits)
  const user = `"user":{"id":${id},"name":"user ${id}","city":"decoy","geo":{"country":"${tables.countries[id % 8]}","city":${city},"point":[${id % 90}.${id % 1000},-${id % 180}.5]},"roles":["reader","${id & 1 ? 'editor' : 'guest'}"]}`
  const page = `"page":{"url":"https:\\/\\/example.com\\/p\\/${id}?q=%22","meta":{"section":"decoy","depth":${id % 7}},"section":${section},"title":${title},"tags":["t${id % 9}","[x]","}"]}`
  const items = Array.from(
    {length: id % 3},
    (_, item) => `{"sku":"A-${id % 977}","count":${item + 1},"geo":{"city":"x"}}`,
  )
  const metrics = `"metrics":{"ms":${id % 4000},"bytes":${id * 3},"cost":${cost},"ok":${id % 50 !== 0}}`
  return `{"time":${startMs + index},"level":"info",${user},${page},"items":[${items.join()}],${metrics},"note":null}`
}

function buildTables(random) {
  const pick = list => list[random() % list.length]
  const cities = new Set(awkwardCities)
  while (cities.size < cityCount) cities.add(`${pick(openings)} ${pick(middles)}${pick(ends)}`)
  const sections = Array.from({length: sectionCount}, (_, index) => `${topics[index % topics.length]} ${index}`)
  // Awkward names spread over all ranks, the most frequent included.
  const spread = Array.from(cities, (city, index) => ({city, order: (index * 7) % cityCount}))
  const inOrder = spread.toSorted((a, b) => a.order - b.order).map(({city}) => city)
  const forms = toJson => ({
    cities: inOrder.map(toJson),
    sections: sections.map(toJson),
    titles: titles.map(toJson),
  })
  return {
    plain: forms(jsonBytes),
    escaped: forms(escapedJson),
    cityChoice: skewed(cityCount),
    sectionChoice: skewed(sectionCount),
    countries: 'DE CH BR JP US CA PL IS'.split(' '),
  }
}
