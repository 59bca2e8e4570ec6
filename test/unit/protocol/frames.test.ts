import {describe, expect, test} from 'vitest'
import {
  commonVersion,
  type MeshRequest,
  parseFrame,
  parseGreeting,
  parseReply,
  protocolRangeOf,
  protocolRefusal,
} from '../../../src/protocol/index.ts'
import {blobReplies, entries, frames, requests, tagReplies} from './samples.ts'

const parse = (frame: unknown): ReturnType<typeof parseFrame> => parseFrame(JSON.stringify(frame))

/** The sample of a type, changed at one path. */
function broken(sample: unknown, path: string, value: unknown): unknown {
  const copy = structuredClone(sample) as Record<string, unknown>
  const names = path.split('.')
  let place = copy
  for (const name of names.slice(0, -1)) place = place[name] as Record<string, unknown>
  if (value === undefined) delete place[names.at(-1)!]
  else place[names.at(-1)!] = value
  return copy
}

describe('a frame', () => {
  test.each(frames.map(frame => [frame.type, 'body' in frame ? (frame.body as {type: string}).type : '', frame]))(
    'of type %s %s passes whole, all fields included',
    (_type, _body, frame) => {
      expect(parse(frame)).toEqual(frame)
    },
  )

  test('loses fields that are not known, at any depth', () => {
    const request = requests[0]!
    expect(parse({type: 'request', call: 1, body: {...request, colour: 'red'}, flavour: 'sour'})).toEqual({
      type: 'request',
      call: 1,
      body: request,
    })
  })

  test('of an unknown type is bad, and can be answered when it is a request', () => {
    expect(parse({type: 'teleport'})).toEqual({
      type: 'bad-frame',
      message: 'unknown type "teleport"',
      isGarbage: false,
    })
    expect(parse({type: 'request', call: 9, body: {type: 'teleport'}})).toMatchObject({type: 'bad-frame', call: 9})
    expect(parse({type: 'toString'})).toMatchObject({type: 'bad-frame', isGarbage: false})
    expect(parse({type: '__proto__'})).toMatchObject({type: 'bad-frame', isGarbage: false})
  })

  test.each(['', '{', 'null', '7', '"hello"', '[]', '{}', '{"type":7}', `${'['.repeat(100_000)}`])(
    'that is %j is garbage',
    text => {
      expect(parseFrame(text)).toMatchObject({type: 'bad-frame', isGarbage: true})
    },
  )

  const commit = frames.find(frame => frame.type === 'request')
  const hello = frames.find(frame => frame.type === 'hello')
  test.each([
    [commit, 'call', -1],
    [commit, 'call', 1.5],
    [commit, 'call', 2 ** 53],
    [commit, 'body.epoch', undefined],
    [commit, 'body.epoch', '3'],
    [commit, 'body.commit.tag', '../../etc/passwd'],
    [commit, 'body.commit.tag', 'a'.repeat(512)],
    [commit, 'body.commit.next', {epoch: 1}],
    [commit, 'body.commit.change', {type: 'explode'}],
    [commit, 'body.commit.change.unique', 'maybe'],
    [commit, 'body.commit.change.entries', Array.from({length: 1001}, () => entries[1])],
    [commit, 'body.commit.change.entries', [{type: 'blob', blob: 'AB'.repeat(32), name: 'a', bytes: 1}]],
    [commit, 'body.commit.change.entries', [{...entries[0], name: 'a/b'}]],
    [commit, 'body.commit.placement.replicas', ['N1']],
    [commit, 'body.commit.placement.replicas', Array.from({length: 10}, (_, index) => `n${index}`)],
    [hello, 'node', 'Web 1'],
    [hello, 'key', ''],
    [hello, 'key', 'a b'],
    [hello, 'address', 'javascript:alert(1)'],
    [hello, 'address', 'http://web1:7800/path'],
    [hello, 'view.members', [{name: 'n1'}]],
    [hello, 'software', 'x'.repeat(5000)],
  ])('with a wrong field is bad: %#', (sample, path, value) => {
    expect(parse(broken(sample, path, value))).toMatchObject({type: 'bad-frame', isGarbage: false})
  })

  test('says where it is wrong and not what was in it', () => {
    expect(parse(broken(commit, 'body.commit.tag', 'my secret tag'))).toMatchObject({
      message: 'request: body.commit.tag: not the name of a tag',
    })
  })

  test('cannot bring a prototype along', () => {
    const text = JSON.stringify(frames.find(frame => frame.type === 'view')).replace(
      '"gc.grace":"1d"',
      '"__proto__":"x"',
    )
    const frame = parseFrame(text)
    expect(frame.type === 'view' && Object.getPrototypeOf(frame.view.settings)).toBe(Object.prototype)
  })
})

describe('a reply', () => {
  const tagRequest = requests[0] as MeshRequest
  const blobRequest = requests.find(one => one.type === 'scrub') as MeshRequest

  test('passes when it is one of the kind that was asked for', () => {
    for (const reply of tagReplies) expect(parseReply(tagRequest, reply)).toEqual(reply)
    for (const reply of blobReplies) expect(parseReply(blobRequest, reply)).toEqual(reply)
  })

  test('of the other kind, or of none, is a sentence', () => {
    expect(parseReply(tagRequest, blobReplies[0])).toEqual(expect.any(String))
    expect(parseReply(blobRequest, tagReplies[0])).toEqual(expect.any(String))
    expect(parseReply(tagRequest, undefined)).toEqual(expect.any(String))
  })
})

describe('protocol versions', () => {
  test.each([
    [{min: 1, max: 1}, {min: 1, max: 1}, 1],
    [{min: 1, max: 3}, {min: 2, max: 5}, 3],
    [{min: 2, max: 5}, {min: 1, max: 3}, 3],
    [{min: 1, max: 2}, {min: 3, max: 4}, undefined],
    [{min: 3, max: 4}, {min: 1, max: 2}, undefined],
  ])('%j and %j agree on %s', (ours, theirs, expected) => {
    expect(commonVersion(ours, theirs)).toBe(expected)
  })

  test.each([
    ['disco-inferno 0.1.0', {min: 1, max: 1}],
    ['disco-inferno 0.1.9', {min: 1, max: 1}],
    ['disco-inferno 0.2.0', {min: 1, max: 2}],
    ['disco-inferno 0.3.0-rc.1', {min: 2, max: 3}],
    ['disco-inferno 1.0.0', {min: 1000, max: 1000}],
    ['disco-inferno 1.4.2', {min: 1003, max: 1004}],
    ['a program without a version', {min: 1, max: 1}],
  ])('%s speaks %j', (software, range) => {
    expect(protocolRangeOf(software)).toEqual(range)
  })

  test.each([
    ['0.1.0', '0.1.7', true],
    ['0.1.0', '0.2.0', true],
    ['0.1.0', '0.3.0', false],
    ['0.9.0', '1.0.0', false],
    ['1.0.0', '1.1.0', true],
    ['1.0.0', '1.2.0', false],
  ])('%s and %s work together: %s', (one, other, isGood) => {
    expect(commonVersion(protocolRangeOf(one), protocolRangeOf(other)) !== undefined).toBe(isGood)
    expect(commonVersion(protocolRangeOf(other), protocolRangeOf(one)) !== undefined).toBe(isGood)
  })

  test('a refusal names both programs and the side to update', () => {
    const old = {protocol: {min: 1, max: 1}, software: 'disco-inferno 0.1.0'}
    expect(protocolRefusal('disco-inferno 0.3.0', old)).toMatchObject({
      message: 'disco-inferno 0.1.0 speaks mesh protocol 1, this side (disco-inferno 0.3.0) 2 to 3',
      hint: 'programs work together one minor version apart: update the node that dialled, step by step',
    })
    expect(protocolRefusal('x 0.1.0', {protocol: {min: 2, max: 3}, software: 'x 0.3.0'})).toMatchObject({
      hint: expect.stringContaining('was dialled'),
    })
  })

  test('the greeting of a hello of any version can be read', () => {
    const text = JSON.stringify({type: 'hello', protocol: {min: 8, max: 9}, software: 'future', who: {name: 1}})
    expect(parseGreeting(text)).toEqual({type: 'hello', protocol: {min: 8, max: 9}, software: 'future'})
    expect(parseGreeting('{"type":"hello"}')).toBeUndefined()
    expect(parseGreeting('nonsense')).toBeUndefined()
  })
})
