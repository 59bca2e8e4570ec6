import type {RecordSink} from '../../../../src/engine/contracts.ts'
import {makeReader, type ReaderOptions} from '../../../../src/engine/readers/index.ts'
import type {FormatNode, Parts} from '../../../../src/rules/index.ts'

/** One call of the sink. */
export type Call =
  | {readonly call: 'record'; readonly line: number; readonly parts: Parts}
  | {
      readonly call: 'bad'
      readonly line: number
      readonly reason: string
      readonly text: string
      readonly detail: string | undefined
    }
  | {readonly call: 'skipped'; readonly line: number; readonly kind: string}

export interface CollectOptions extends Partial<ReaderOptions> {
  /** Places to cut the input at, ascending. */
  readonly cuts?: readonly number[]
}

/** Everything a reader says about an input. */
export function collect(
  format: FormatNode,
  input: string | Uint8Array,
  options: CollectOptions = {},
): {calls: Call[]; lines: number} {
  const {cuts = [], ...readerOptions} = options
  const calls: Call[] = []
  const sink: RecordSink = {
    record: (parts, line) => calls.push({call: 'record', line, parts}),
    bad: (reason, line, text, detail) => calls.push({call: 'bad', line, reason, text, detail}),
    skipped: (kind, line) => calls.push({call: 'skipped', line, kind}),
  }
  const reader = makeReader(format, sink, {isFirst: true, ...readerOptions})
  const bytes = typeof input === 'string' ? Buffer.from(input) : input
  let start = 0
  for (const cut of [...cuts, bytes.length]) {
    // Overwritten after the call: a reader must not hold on to the caller's memory.
    const chunk = Uint8Array.from(bytes.subarray(start, cut))
    reader.push(chunk)
    chunk.fill(0x23)
    start = cut
  }
  reader.end()
  return {calls, lines: reader.lines}
}

/** `1 record {"a":1}`, `2 not JSON (detail)`, `3 blank`: short enough to compare by eye. */
export function outline(format: FormatNode, input: string | Uint8Array, options: CollectOptions = {}): string[] {
  return collect(format, input, options).calls.map(call => {
    if (call.call === 'record')
      return `${call.line} record ${JSON.stringify(call.parts, (_, value) => (typeof value === 'bigint' ? `${value}n` : value))}`
    if (call.call === 'skipped') return `${call.line} ${call.kind}`
    return `${call.line} ${call.reason}${call.detail === undefined ? '' : ` (${call.detail})`}`
  })
}

/** The records alone. */
export function records(format: FormatNode, input: string | Uint8Array, options: CollectOptions = {}): Parts[] {
  return collect(format, input, options).calls.flatMap(call => (call.call === 'record' ? [call.parts] : []))
}
