import type {Dialect} from './dialect.ts'

/** A mention of an earlier column. In a constant it only makes the column come later than it had to. */
const mention = /\bc(0|[1-9]\d*)\b/g
const anyName = /\b(?:c(?:0|[1-9]\d*)|line|header|is_header)\b/g

/**
 * Columns that are computed from each other, in layers of subqueries: a column that needs another one stands in a later layer,
 * so each is computed once.
 */
export class Columns {
  readonly dialect: Dialect
  readonly #layers: string[][] = []
  readonly #layerOf: number[] = []
  readonly #known = new Map<string, string>()
  readonly #unsure: string[] = []
  readonly #source: ReadonlySet<string>
  #lineId: string | undefined
  #lineRow: string | undefined

  /** @param source - columns that the source has beside `line` */
  constructor(dialect: Dialect, source: readonly string[] = []) {
    this.dialect = dialect
    this.#source = new Set(['line', ...source])
  }

  /** Names what an expression gives; the same expression has one name. */
  add(expression: string): string {
    const known = this.#known.get(expression)
    if (known !== undefined) return known
    let layer = 0
    for (const [, index] of expression.matchAll(mention))
      layer = Math.max(layer, (this.#layerOf[Number(index)] ?? -1) + 1)
    return this.#addAt(expression, layer)
  }

  #addAt(expression: string, layer: number): string {
    const name = `c${this.#layerOf.length}`
    this.#layerOf.push(layer)
    this.#layers[layer] ??= []
    this.#layers[layer]!.push(`${expression} AS ${name}`)
    this.#known.set(expression, name)
    return name
  }

  /** Subqueries inside each other. */
  get depth(): number {
    return this.#layers.length
  }

  /**
   * Makes several rows of one: one for the line itself, with empty text, and one for each text of an array.
   *
   * @param array - of texts that are not empty
   */
  join(array: string): string {
    this.#lineId ??= this.add(this.dialect.rowId)
    const rows = this.add(this.dialect.afterEmpty(array))
    const name = this.#addAt(this.dialect.eachRow(rows), this.#layers.length)
    this.#lineRow ??= `${name} = ''`
    return name
  }

  /** True for one row of each line. */
  get lineRow(): string {
    return this.#lineRow ?? 'true'
  }

  /** How many lines have a row for which a condition holds. */
  countLines(condition: string): string {
    return this.#lineId === undefined
      ? this.dialect.countIf(condition)
      : this.dialect.distinctIf(this.#lineId, condition)
  }

  cases(branches: readonly (readonly [condition: string, value: string])[], otherwise: string): string {
    const whens = branches.map(([condition, value]) => `WHEN ${condition} THEN ${value}`)
    return this.add(`CASE ${whens.join(' ')} ELSE ${otherwise} END`)
  }

  /** Records for which this holds cannot be answered exactly: a run with one of them is refused. */
  unsureWhen(condition: string): void {
    if (condition !== 'false') this.#unsure.push(condition)
  }

  get unsure(): string {
    return this.#unsure.length === 0 ? 'false' : [...new Set(this.#unsure)].map(text => `(${text})`).join(' OR ')
  }

  /**
   * A query with the columns that `outer` mentions. Each layer carries only what later ones need: with all columns in all layers,
   * planning took ClickHouse seconds.
   *
   * @param source - a query with the column `line`, and others that were mentioned
   */
  from(source: string, outer: string): string {
    const carried = this.#carried(outer)
    return this.#layers.reduce((inner, layer, index) => {
      const columns = [...carried[index]!, ...layer]
      return `SELECT ${columns.join(',\n  ')}\nFROM (\n${inner}\n)`
    }, source)
  }

  /** By layer: names from earlier layers that this one or a later one, or the query around all of them, still needs. */
  #carried(outer: string): readonly (readonly string[])[] {
    const carried: string[][] = this.#layers.map(() => [])
    let later = outer
    let needed = new Set<string>()
    for (let index = this.#layers.length - 1; index >= 0; index--) {
      for (const [name] of later.matchAll(anyName)) needed.add(name)
      const isEarlier = (name: string): boolean =>
        this.#source.has(name) || (this.#layerOf[Number(name.slice(1))] ?? Number.POSITIVE_INFINITY) < index
      needed = new Set([...needed].filter(isEarlier))
      carried[index] = [...needed]
      later = this.#layers[index]!.join('\n')
    }
    return carried
  }
}
