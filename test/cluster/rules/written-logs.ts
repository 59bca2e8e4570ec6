/** Logs as a server writes them: in bursts, rotated, sometimes half a line at a time. And what tables must hold of them. */
import {appendFileSync, renameSync} from 'node:fs'
import {join} from 'node:path'
import type {Random} from '../../../src/base/index.ts'

const siteCount = 9
const fileNames = ['a.ndjson', 'b.ndjson'] as const

interface Site {
  hits: number
  /** Quarters: sums of them are exact in every number of every database. */
  quarters: number
  most: number
}

export class WrittenLogs {
  readonly #folder: string
  readonly #random: Random
  readonly #unfinished = new Map<string, string>()
  readonly #sites = new Map<string, Site>()
  readonly #lines: string[] = []
  #rotated = 0
  badLines = 0

  constructor(folder: string, random: Random) {
    this.#folder = folder
    this.#random = random
  }

  get count(): number {
    return this.#lines.length
  }

  /** Up to 30 lines; the last one may lack its end, which comes with the next burst. */
  write(): void {
    const random = this.#random
    const name = random.pick(fileNames)
    let text = this.#unfinished.get(name) ?? ''
    this.#unfinished.delete(name)
    for (let left = 1 + random.int(30); left > 0; left--) text += this.#line()
    if (random.int(4) === 0) {
      const cut = 1 + random.int(text.length - text.lastIndexOf('\n', text.length - 2) - 2)
      this.#unfinished.set(name, text.slice(-cut))
      text = text.slice(0, -cut)
    }
    appendFileSync(join(this.#folder, name), text)
  }

  /** Renames a log whose last line is whole. */
  rotate(): void {
    const name = fileNames.find(one => !this.#unfinished.has(one))
    if (name === undefined) return
    // Both are there after the first bursts.
    appendFileSync(join(this.#folder, name), '')
    renameSync(join(this.#folder, name), join(this.#folder, `${name}.${++this.#rotated}`))
  }

  finish(): void {
    for (const [name, text] of this.#unfinished) appendFileSync(join(this.#folder, name), text)
    this.#unfinished.clear()
  }

  /** By table, rows as `cell|cell`, sorted. */
  expected(): Readonly<Record<string, readonly string[]>> {
    const sites = [...this.#sites]
    return {
      lines: [...this.#lines].sort(),
      totals: sites.map(([site, {hits, quarters, most}]) => `${site}|${hits}|${quarters / 4}|${most}`).sort(),
      now: sites.map(([site, {hits}]) => `${site}|${hits}|${hits}`).sort(),
      copy: sites.map(([site, {hits}]) => `${site}|${hits}|${hits}`).sort(),
      again: sites.map(([site, {hits}]) => `${site}|${hits}`).sort(),
    }
  }

  #line(): string {
    const random = this.#random
    if (random.int(60) === 0) {
      this.badLines++
      return `{"n": "cut off ${this.badLines}\n`
    }
    const number = this.#lines.length
    const quarters = random.int(400)
    const site = `s${random.int(siteCount)} 'ä'`
    const sums = this.#sites.get(site) ?? {hits: 0, quarters: 0, most: 0}
    this.#sites.set(site, {hits: sums.hits + 1, quarters: sums.quarters + quarters, most: number})
    this.#lines.push(`line ${number}|1|${quarters / 4}`)
    return `{"id":"line ${number}","n":${number},"site":"${site}","price":${quarters / 4}}\n`
  }
}

/** What the rules are called and read where several of them share a cluster. */
export interface RuleNames {
  /** Behind the first part of archived names. */
  readonly suffix: string
  /** Prefix of the tags of logs, first part of the tags of results. */
  readonly source: string
  readonly result: string
  /** `now` keeps its rows, and a rule `copy` reads them: for logs of one day, because rows are kept under the newest one. */
  readonly copies: boolean
}

const usualNames: RuleNames = {suffix: '', source: 'incoming:', result: 'result', copies: false}

/** The rules whose tables are expected: one in each mode, and one that reads the rows that another has kept. */
export const rulesText = (
  address: string,
  {suffix, source, result, copies}: RuleNames = usualNames,
): string => `import {count, defineRule, distinct, max, sum} from 'disco-inferno'
export const AUTORUN = true
const sink = (mode) => ({to: ${JSON.stringify(address)}, mode})
const common = {sourceTags: ['${source}'], timeDelta: {seconds: 1}}
const archived = (name) => ({name, archive: true, archiveTagPrefix: name + '${suffix}'})
export const lines = defineRule({...common, ...archived('lines'), sink: sink('append'),
  keyParts: ['id'], valueParts: {hits: count(), price: sum('price')}})
export const totals = defineRule({...common, ...archived('totals'), sink: sink('add'),
  maxBlobs: 5, resultTag: '${result}:totals',
  keyParts: ['site'], valueParts: {hits: count(), price: sum('price'), most: max('n')}})
export const now = defineRule({...common, name: 'now', sink: sink('replace'),${copies ? ` resultTag: '${result}:now',` : ''}
  keyParts: ['site'], valueParts: {people: distinct('id', {exactUpTo: 100_000}), hits: count()}})
export const again = defineRule({...common, ...archived('again'), sourceTags: ['${result}:totals'], sink: sink('add'),
  keyParts: ['site'], valueParts: ['hits']})
${copies ? copyText(result) : ''}`

const copyText = (
  result: string,
): string => `export const copy = defineRule({...common, name: 'copy', sourceTags: ['${result}:now'], sink: sink('replace'),
  keyParts: ['site'], valueParts: ['people', 'hits']})
`
