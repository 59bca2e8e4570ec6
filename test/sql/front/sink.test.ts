import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {openSink, type RowSink} from '../../../src/sinks/index.ts'
import {batch, clicksTables, decimal, never, row} from '../../databases/place.ts'
import {type Front, hasEngine, startFront} from './front.ts'

describe.skipIf(!hasEngine())('the sink for ClickHouse, on ClickHouse', () => {
  let front: Front
  beforeAll(async () => {
    front = await startFront()
  })
  afterAll(() => front.close())

  const open = (): Promise<RowSink> => openSink(front.address.replace('http:', 'clickhouse:'), clicksTables())
  const exact = [row('a', 9007199254740993n, decimal('0.1234567890123456789')), row("b'\\", 2, 0.5)]
  const stored = 'SELECT site, toString(hits), toString(revenue) FROM clicks ORDER BY site'

  test('rows come whole, and a batch counts once, also when its note was lost', async () => {
    const sink = await open()
    expect(await sink.hasBatch(batch('one').id)).toBe(false)
    expect(await sink.write(batch('one'), exact, never)).toEqual({isRepeat: false, rowCounts: {clicks: 2}})
    expect(await sink.write(batch('one'), exact, never)).toMatchObject({isRepeat: true})
    await front.rows('TRUNCATE TABLE inferno_batches')
    expect(await sink.write(batch('one'), exact, never)).toMatchObject({isRepeat: false})
    expect(await front.rows(stored)).toEqual([
      ['a', '9007199254740993', '0.1234567890123456789'],
      ["b'\\", '2', '0.5'],
    ])
    await sink.close()
  })

  test('a wrong password is told without it', async () => {
    const address = front.address.replace('http:', 'clickhouse:').replace('ann', 'bob')
    const failure = await openSink(address, clicksTables()).catch((error: unknown) => error)
    expect(failure).toMatchObject({code: 'BAD_SINK', message: expect.stringContaining('it refuses the user')})
    expect(String(failure)).not.toContain('p@ss')
  })
})
