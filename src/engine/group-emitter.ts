/**
 * Parts in, groups out: takes the key and value parts of each part (spec 5.5) and adds them up in hash tables. Past the
 * memory budget all tables are written away as sorted runs and start empty again.
 */
import {assert} from '../base/index.ts'
import type {AggregateNode, KeysetPlan, Parts, Plan} from '../rules/index.ts'
import {compilePath, compileTransforms} from '../rules/index.ts'
import {countCoercion} from './account.ts'
import {HookError, type ResolveFunction} from './chain.ts'
import type {Account, Column} from './contracts.ts'
import {GroupTable, KeyBuilder} from './groups/index.ts'
import {keyTextOf} from './numbers/index.ts'
import type {EmitOutcome, Emitter, Ledger} from './record-pipeline.ts'
import {columnsOf, type TableLayout, tableLayouts} from './tables.ts'

/**
 * Writes one sorted run of a table away; `write` calls its argument with each block, which is only valid during the call.
 * Runs written by `finish` are the last ones.
 */
export type WriteRun = (table: number, write: (sink: (block: Uint8Array) => void) => void) => void

export interface GroupEmitterOptions {
  readonly plan: Plan
  readonly resolve: ResolveFunction
  /** Bytes that all tables together may hold. */
  readonly budgetBytes: number
  readonly writeRun: WriteRun
}

/**
 * Parts between two looks at the budget. What a record adds is bounded by the chunk it came in, and each chunk ends with a
 * look; this one is for steps that make many parts of one record.
 */
const budgetCheckInterval = 4096

type Read = (parts: Parts) => unknown

interface ValueSlot {
  readonly read: Read
  readonly by: Read | undefined
  readonly column: Column
  /** `keyset.column`, for the account. */
  readonly label: string
}

interface TopSlot {
  readonly read: Read
  readonly table: GroupTable
}

/**
 * For plans that need no pairs (`needsPairs`). A table without groups gives no run. After `finish` it is empty and can go on; what
 * `writeRun` throws comes out wherever tables are written away.
 */
export class GroupEmitter implements Emitter {
  readonly #options: GroupEmitterOptions
  readonly #tables: readonly GroupTable[]
  readonly #keysets: readonly KeysetEmitter[]
  #untilCheck = budgetCheckInterval

  constructor(options: GroupEmitterOptions) {
    this.#options = options
    const layouts = tableLayouts(options.plan)
    this.#tables = layouts.map(layout => new GroupTable(columnsOf(layout)))
    this.#keysets = options.plan.keysets.map(
      (keyset, index) =>
        new KeysetEmitter(keyset, this.#tables[index]!, this.#topSlots(layouts, index), options.resolve),
    )
  }

  emit(keyset: number, parts: Parts, ledger: Ledger): EmitOutcome {
    if (--this.#untilCheck <= 0) this.#checkBudget()
    return this.#keysets[keyset]!.emit(parts, ledger.account) ? 'used' : 'no-key'
  }

  beginPart(): void {
    // Groups do not care which part a record comes from.
  }

  endChunk(): void {
    this.#checkBudget()
  }

  endPart(): void {
    this.#checkBudget()
  }

  finish(): void {
    this.#spill()
  }

  #topSlots(layouts: readonly TableLayout[], keyset: number): TopSlot[] {
    return layouts.flatMap((layout, index) =>
      layout.kind === 'values' && layout.keyset === keyset
        ? [{read: compilePath(layout.field), table: this.#tables[index]!}]
        : [],
    )
  }

  #checkBudget(): void {
    this.#untilCheck = budgetCheckInterval
    let bytes = 0
    for (const table of this.#tables) bytes += table.bytes
    if (bytes > this.#options.budgetBytes) this.#spill()
  }

  #spill(): void {
    for (const [index, table] of this.#tables.entries()) {
      if (table.groupCount === 0) continue
      this.#options.writeRun(index, sink => table.writeRun(sink))
      table.clear()
    }
  }
}

/** The key and value parts of one keyset, compiled. */
class KeysetEmitter {
  readonly #key = new KeyBuilder()
  readonly #table: GroupTable
  readonly #parts: readonly {readonly read: Read; readonly label: string}[]
  readonly #values: readonly ValueSlot[]
  readonly #tops: readonly TopSlot[]

  constructor(keyset: KeysetPlan, table: GroupTable, tops: readonly TopSlot[], resolve: ResolveFunction) {
    this.#table = table
    this.#tops = tops
    this.#parts = keyset.keyParts.map(part => {
      const path = compilePath(part.field)
      const transform = part.transforms.length === 0 ? undefined : compileTransforms(part.transforms, resolve)
      const read: Read =
        transform === undefined ? path : parts => derive(path(parts), transform, `keyParts.${part.name}`)
      return {read, label: `${keyset.name}.${part.name}`}
    })
    const nodes = keyset.values.filter(node => node.aggregate !== 'topK')
    this.#values = nodes.map((node, index) => ({
      read: readerOf(node),
      by: node.aggregate === 'first' || node.aggregate === 'last' ? compilePath(node.by) : undefined,
      column: table.columns[index] ?? missingColumn(node),
      label: `${keyset.name}.${node.column}`,
    }))
  }

  emit(parts: Parts, account: Account): boolean {
    const key = this.#key
    key.reset()
    for (const {read, label} of this.#parts) {
      const value = read(parts)
      if (value === undefined || value === null) {
        account.dropped[label] = (account.dropped[label] ?? 0) + 1
        return false
      }
      key.add(typeof value === 'string' ? value : keyTextOf(value))
    }
    const group = this.#table.groupOf(key)
    for (const slot of this.#values) {
      const value = slot.read(parts)
      if (!slot.column.add(group, value, slot.by?.(parts))) countCoercion(account, slot.label, value)
    }
    for (const {read, table} of this.#tops) {
      const value = read(parts)
      if (value === undefined || value === null) continue
      key.truncate(this.#parts.length)
      key.add(keyTextOf(value))
      table.columns[0]!.add(table.groupOf(key), undefined)
    }
    return true
  }
}

/** An absent field stays absent: transforms make fields of fields, not of nothing. */
function derive(value: unknown, transform: (value: unknown) => unknown, hook: string): unknown {
  if (value === undefined) return undefined
  try {
    return transform(value)
  } catch (error) {
    throw new HookError(hook, error)
  }
}

function readerOf(node: AggregateNode): Read {
  if (node.aggregate === 'count' && node.field === null) return () => undefined
  assert(node.field !== null, 'only count goes without a field')
  return compilePath(node.field)
}

function missingColumn(node: AggregateNode): never {
  assert(false, `the table has a column for ${node.column}`)
}
