import {expect, test} from 'vitest'
import {engineTarget} from '../../../../src/project/clickhouse/engine-address.ts'
import {possibleWayText, rowsWay, rowsWayText} from '../../../../src/project/clickhouse/stay.ts'
import {defineRule} from '../../../../src/rules/index.ts'
import type {RowSink} from '../../../../src/sinks/index.ts'
import {resolveTarget} from '../../../../src/sinks/target/index.ts'

const engine = engineTarget('http://ann:secret@db:8123/logs', {}).target
const rule = (more: object = {}) => defineRule({name: 'r', keyParts: ['k'], valueParts: ['count'], ...more} as never)

function sinkAt(address: string, whyNot?: string): RowSink {
  const target = resolveTarget(address, {})
  const isStaging = address.startsWith('clickhouse')
  return {
    name: target.name,
    ...(isStaging ? {staging: {target, whyNot: async () => whyNot}} : {}),
  } as unknown as RowSink
}

const textOf = async (sink: RowSink | undefined, more: object = {}, resultTag?: string): Promise<string> =>
  rowsWayText(await rowsWay({rule: rule(more), sink, resultTag}, engine))

test('rows stay for a sink at the same server and user, in whichever database', async () => {
  expect(await textOf(sinkAt('clickhouse://ann:secret@db:8123/stats'))).toBe(
    'stay on the server, moved into the tables of clickhouse://db:8123/stats',
  )
})

test('rows without a sink come back, without a reason', async () => {
  expect(await textOf(undefined)).toBe('come back here')
})

test.each([
  [sinkAt('sqlite:a.db'), {}, 'sqlite:a.db is another database'],
  [sinkAt('clickhouse://ann@db:9123/stats'), {}, 'the sink is at http://db:9123 and the engine at http://db:8123'],
  [sinkAt('clickhouses://ann@db:8123/stats'), {}, 'the sink is at https://db:8123'],
  [sinkAt('clickhouse://bob@db:8123/stats'), {}, 'the sink names another user than the engine'],
  [sinkAt('clickhouse://ann@db:8123/stats', 'a column is odd'), {}, 'a column is odd'],
  [sinkAt('clickhouse://ann@db:8123/stats'), {partsPostprocess: [() => []]}, 'partsPostprocess runs here'],
  [sinkAt('clickhouse://ann@db:8123/stats'), {resultTag: 'kept'}, 'they are kept under the tag kept, too'],
  [sinkAt('clickhouse://ann@db:8123/stats'), {save: true}, 'the rule says save, which keeps them here'],
])('rows come back with the reason (%#)', async (sink, more, reason) => {
  const text = await textOf(sink, more)
  expect(text).toContain(`come back here, because ${reason}`)
  expect(text).not.toContain('secret')
})

test.each([
  [{}, undefined, 'come back here, to be printed; with --to clickhouse://… of the same server they stay there'],
  [{}, 'sqlite:a.db', 'come back here, because sqlite is another database'],
  [{sink: 'clickhouse://db/stats'}, 'sqlite:a.db', 'stay on the server when it is the one of the sink'],
  [{sink: {to: 'env:STATS'}}, undefined, 'stay on the server when it is the one of the sink'],
  [{save: true}, undefined, 'come back here, because the rule says save'],
  [{partsPostprocess: [() => []]}, 'clickhouse://db/stats', 'come back here, because partsPostprocess runs here'],
])('which way rows would go is told without a server (%#)', (more, to, text) => {
  expect(possibleWayText(rule(more), to)).toContain(text)
})
