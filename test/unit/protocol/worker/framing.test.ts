import {describe, expect, test} from 'vitest'
import {encodeMessage, MessageParser, messageNames, type Parsed} from '../../../../src/protocol/index.ts'

const parserOf = (isMostlyText = false): MessageParser => new MessageParser({names: messageNames, isMostlyText})

/** Everything that comes of bytes, given in pieces of a size. */
function parse(bytes: Buffer | string, {isMostlyText = false, pieceBytes = 1 << 20} = {}): (readonly string[])[] {
  const parser = parserOf(isMostlyText)
  const all = Buffer.from(bytes)
  const found: Parsed[] = []
  const take = (): void => {
    for (let parsed = parser.next(); parsed !== undefined; parsed = parser.next()) found.push(parsed)
  }
  for (let at = 0; at < all.length; at += pieceBytes) {
    parser.push(all.subarray(at, at + pieceBytes))
    take()
  }
  parser.end()
  take()
  return found.map(parsed => {
    if (parsed.type === 'message') return [parsed.name, parsed.payload.toString()]
    return parsed.type === 'text'
      ? ['text', parsed.line.toString()]
      : ['broken', parsed.reason, parsed.bytes.toString()]
  })
}

describe('messages', () => {
  const session = 'WORKER 30 {"version": "1.1", "pid": 123}\n'.replace(
    '30',
    String('{"version": "1.1", "pid": 123}'.length),
  )

  test('are name, length and payload, however the bytes come', () => {
    const bytes = `${session}TASK 2 ""\nMSG 6 "a\nb "\nMSG 4 "ä"\n`
    for (const pieceBytes of [1, 2, 3, 7, 1000]) {
      expect(parse(bytes, {pieceBytes})).toEqual([
        ['WORKER', '{"version": "1.1", "pid": 123}'],
        ['TASK', '""'],
        ['MSG', '"a\nb "'],
        ['MSG', '"ä"'],
      ])
    }
  })

  test('are written as they are read', () => {
    expect(encodeMessage('OK', 'ok').toString()).toBe('OK 4 "ok"\n')
    expect(encodeMessage('MSG', 'ä').toString()).toBe('MSG 4 "ä"\n')
    expect(parse(encodeMessage('INPUT', ['done', []]))).toEqual([['INPUT', '["done",[]]']])
  })

  test('of a megabyte come in pieces without being copied each time', () => {
    const payload = JSON.stringify('x'.repeat(5_000_000))
    const [[name, text] = []] = parse(`MSG ${payload.length} ${payload}\n`, {pieceBytes: 4096})
    expect([name, text?.length]).toEqual(['MSG', payload.length])
  })

  test('with a name that nobody knows are messages too', () => {
    expect(parse('HELLO 2 ""\n')).toEqual([['HELLO', '""']])
  })
})

describe('what is no message', () => {
  test('is text, line by line', () => {
    const bytes = 'Traceback (most recent call last):\n\n  x\nTASK 2 ""\nno line feed'
    for (const pieceBytes of [1, 5, 1000]) {
      expect(parse(bytes, {pieceBytes})).toEqual([
        ['text', 'Traceback (most recent call last):'],
        ['text', ''],
        ['text', '  x'],
        ['TASK', '""'],
        ['text', 'no line feed'],
      ])
    }
  })

  test('breaks the stream where it begins as one', () => {
    expect(parse('MSG x "a"\nTASK 2 ""\n')).toEqual([['broken', 'invalid_length', 'MSG x "a"\nTASK 2 ""\n']])
    expect(parse('MSG 99999999999 "a"\n')).toEqual([['broken', 'invalid_length', 'MSG 99999999999 "a"\n']])
    expect(parse('MSG 999999999 "a"\n')).toEqual([['broken', 'message_too_big', 'MSG 999999999 "a"\n']])
    expect(parse('MSG 2 "a"\nTASK 2 ""\n')).toEqual([['broken', 'invalid_body', '"a"\nTASK 2 ""\n']])
  })

  test('on a stream that people print to is text in doubt', () => {
    const bytes = 'ERROR 404 not found\nMSG x\nHELLO 2 ""\nMSG 3 "a"\n'
    expect(parse(bytes, {isMostlyText: true})).toEqual([
      ['text', 'ERROR 404 not found'],
      ['text', 'MSG x'],
      ['text', 'HELLO 2 ""'],
      ['MSG', '"a"'],
    ])
    expect(parse('MSG 3 "a"\n', {isMostlyText: true})).toEqual([['MSG', '"a"']])
  })

  test('without a line feed is cut into lines', () => {
    const lines = parse(`${'x'.repeat(20_000)}\nTASK 2 ""\n`, {pieceBytes: 1000})
    expect(lines.map(([type, text]) => [type, text?.length])).toEqual([
      ['text', 8192],
      ['text', 8192],
      ['text', 20_000 - 2 * 8192],
      ['TASK', 2],
    ])
  })
})

test('a message that has begun is half, a line that has begun is not', () => {
  const isHalf = (text: string, isMostlyText = false): boolean => {
    const parser = parserOf(isMostlyText)
    parser.push(Buffer.from(text))
    while (parser.next() !== undefined);
    return parser.isPartial
  }
  expect(['M', 'MSG 1', 'MSG 10 ', 'MSG 10 "abc', 'TASK 2 ""\nMS'].map(text => isHalf(text))).toEqual(
    Array(5).fill(true),
  )
  expect(['', 'TASK 2 ""\n', 'hello', 'Hello there'].map(text => isHalf(text))).toEqual(Array(4).fill(false))
  expect(isHalf('LOADING', true)).toBe(false)
  expect(isHalf('MSG 10 "abc', true)).toBe(true)
})
