import {afterEach, describe, expect, test} from 'vitest'
import {openSink} from '../../../../src/sinks/index.ts'
import {batch, clicksTables, decimal, never, row} from '../../../databases/place.ts'
import {type Receiver, startReceiver} from '../receiver.ts'

let receiver: Receiver | undefined
afterEach(async () => {
  await receiver?.close()
  receiver = undefined
})

const rows = [row('a', 1, decimal('12345678901234567890.5')), row('b', 2, 0.1)]
const fast = {firstRetryDelayMs: 1}

describe('a webhook', () => {
  test('gets rows as NDJSON with keys that are the same in every attempt', async () => {
    receiver = await startReceiver((_, count) => ({status: count === 1 ? 503 : count === 2 ? 429 : 200}))
    const sink = await openSink(`http://ann:pa%40ss@${receiver.host}/in`, clicksTables(), fast)
    expect(sink).toMatchObject({isExactlyOnce: false, name: `http://${receiver.host}/…`})
    expect(await sink.write(batch('one'), rows, never)).toEqual({isRepeat: false, rowCounts: {clicks: 2}})
    expect(receiver.received).toHaveLength(3)
    for (const {method, url, headers, body} of receiver.received) {
      expect(`${method} ${url.pathname}`).toBe('POST /in')
      expect(headers).toMatchObject({
        'content-type': 'application/x-ndjson',
        'idempotency-key': `${batch('one').id}-1`,
        'inferno-rule': 'daily.clicks',
        'inferno-last': 'true',
        authorization: `Basic ${Buffer.from('ann:pa@ss').toString('base64')}`,
      })
      expect(body).toBe(
        '{"_keyset":"_default","site":"a","hits":1,"revenue":12345678901234567890.5}\n{"_keyset":"_default","site":"b","hits":2,"revenue":0.1}\n',
      )
    }
  })

  test('gets many rows in numbered parts, and one part of a batch without rows', async () => {
    receiver = await startReceiver(() => ({status: 204}))
    const sink = await openSink(`http://${receiver.host}/in`, clicksTables())
    await sink.write(
      batch('one'),
      Array.from({length: 12_000}, (_, index) => row(`k${index}`, 1, 1)),
      never,
    )
    await sink.write(batch('two'), [], never)
    const seen = receiver.received.map(({headers, body}) => [
      headers['inferno-part'],
      headers['inferno-last'],
      body.split('\n').length - 1,
    ])
    expect(seen).toEqual([
      ['1', 'false', 5000],
      ['2', 'false', 5000],
      ['3', 'true', 2000],
      ['1', 'true', 0],
    ])
  })

  test('that refuses is not asked again, and its secrets stay out of the message', async () => {
    receiver = await startReceiver(({url}) => ({status: 403, body: `no access to ${url.pathname}`}))
    const sink = await openSink(`http://${receiver.host}/secret-path`, clicksTables(), fast)
    await expect(sink.write(batch('one'), rows, never)).rejects.toMatchObject({
      code: 'OUTPUT_FAILED',
      message: `http://${receiver.host}/…: part 1 was refused: it answered 403: no access to …`,
    })
    expect(receiver.received).toHaveLength(1)
  })

  test('that is down, or cuts the line, is tried six times', async () => {
    receiver = await startReceiver(() => undefined)
    const sink = await openSink(`http://${receiver.host}/in`, clicksTables(), fast)
    await expect(sink.write(batch('one'), rows, never)).rejects.toMatchObject({code: 'UNAVAILABLE', retryable: true})
    expect(receiver.received).toHaveLength(6)
  })

  test('is not followed to another address', async () => {
    receiver = await startReceiver(() => ({status: 302, headers: {location: 'http://127.0.0.1:1/else'}}))
    const sink = await openSink(`http://${receiver.host}/in`, clicksTables(), fast)
    await expect(sink.write(batch('one'), rows, never)).rejects.toThrow(/it answered 302/)
  })

  test('is asked to wait no longer than a minute', async () => {
    receiver = await startReceiver(() => ({status: 429, headers: {'retry-after': '3600'}}))
    const sink = await openSink(`http://${receiver.host}/in`, clicksTables(), fast)
    await expect(sink.write(batch('one'), rows, never)).rejects.toMatchObject({code: 'UNAVAILABLE'})
    expect(receiver.received).toHaveLength(1)
  })

  test('takes no other mode, and no plain http beyond this machine', async () => {
    await expect(openSink({to: 'https://a.example/x', mode: 'add'}, clicksTables())).rejects.toThrow(
      /a webhook only appends/,
    )
    await expect(openSink('http://a.example/x', clicksTables())).rejects.toThrow(/with https only/)
  })
})
