import {describe, expect, test} from 'vitest'
import type {Channel} from '../../../src/mesh/channel.ts'
import {inFlightMax, queuedBytesHigh, waitingMax} from '../../../src/mesh/limits.ts'
import {Outbox} from '../../../src/mesh/outbox.ts'

class FakeChannel implements Channel {
  readonly remote = 'n1'
  readonly sent: string[] = []
  queuedBytes = 0

  send(text: string): void {
    this.sent.push(text)
  }

  listen(): void {
    this.sent.length = 0
  }

  async close(): Promise<void> {
    this.destroy()
  }

  destroy(): void {
    this.sent.length = 0
  }
}

describe('an outbox', () => {
  test('keeps the order when there is no room, and sends when there is', () => {
    const channel = new FakeChannel()
    const outbox = new Outbox(channel)
    const told: string[] = []
    channel.queuedBytes = queuedBytesHigh
    outbox.put('a', false, () => told.push('a'))
    outbox.put('b', true)
    channel.queuedBytes = 0
    outbox.put('c', false)
    expect(channel.sent).toEqual(['a', 'b', 'c'])
    expect(told).toEqual(['a'])
  })

  test('does not send what was ended while it waited', () => {
    const channel = new FakeChannel()
    const outbox = new Outbox(channel)
    channel.queuedBytes = queuedBytesHigh
    const end = outbox.put('a', true)
    outbox.put('b', true)
    end()
    channel.queuedBytes = 0
    outbox.flush()
    expect(channel.sent).toEqual(['b'])
  })

  test('has so many requests under way at once; ending one, even twice, gives one place', () => {
    const channel = new FakeChannel()
    const outbox = new Outbox(channel)
    const ends = Array.from({length: inFlightMax + 2}, (_, index) => outbox.put(String(index), true))
    expect(channel.sent).toHaveLength(inFlightMax)
    ends[0]!()
    ends[0]!()
    expect(channel.sent).toHaveLength(inFlightMax + 1)
  })

  test('refuses what is too much', () => {
    const channel = new FakeChannel()
    const outbox = new Outbox(channel)
    channel.queuedBytes = queuedBytesHigh
    for (let count = 0; count < waitingMax; count++) outbox.put('x', false)
    expect(() => outbox.put('x', false)).toThrow(expect.objectContaining({code: 'OVERLOADED', retryable: true}))
  })
})
