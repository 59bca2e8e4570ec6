import {readFileSync} from 'node:fs'
import {gunzipSync, zstdDecompressSync} from 'node:zlib'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {appendEntries, type ClusterClient, parseInput, pushInputs} from '../../src/client/index.ts'
import {DiscoProject} from './disco-project.ts'

let project: DiscoProject
let client: ClusterClient
const lines = Array.from({length: 3000}, (_, index) => `{"line":${index}}\n`).join('')

beforeAll(() => {
  project = new DiscoProject()
  project.startCluster()
  project.disco(['config', 'set', 'replicas', '1'])
  client = project.client()
  project.write('a.log', lines)
  project.write('binary', Buffer.from(Array.from({length: 70_000}, (_, index) => (index * 7919) % 251)))
})
afterAll(async () => {
  client.close()
  expect(await project.stopCluster()).toEqual([])
  project.close()
})

const push = (tag: string, ...names: string[]): Promise<unknown> =>
  pushInputs(
    client,
    tag,
    names.map(name => parseInput(project.path(name))),
  )

describe('ddfs push', () => {
  test('stores files of any content, and a second time nothing', () => {
    project.write('empty', '')
    const first = project.ddfs(['push', 'p:any', 'a.log', 'binary', 'empty'])
    expect(first).toMatchObject({exitCode: 0, stderr: '3 blobs added to p:any\n'})
    expect(first.stdout.split('\n').map(line => line.slice(64))).toEqual(['\ta.log', '\tbinary', '\tempty', ''])
    const second = project.ddfs(['push', 'p:any', 'a.log', 'binary', 'empty'])
    expect(second).toMatchObject({
      exitCode: 0,
      stdout: first.stdout,
      stderr: '0 blobs added to p:any (3 of 3 stored before, not sent again)\n',
    })
    expect(project.shell('ddfs cat p:any | cmp - <(cat a.log binary)')).toMatchObject({exitCode: 0})
  })

  test('takes the files of a folder with their places in it', () => {
    for (const name of ['logs/x/same.log', 'logs/y/same.log', 'logs/top.log']) project.write(name, 'same\n')
    const pushed = project.json(['ddfs', 'push', 'p:folder', '-r', 'logs']) as {
      files: {entry: {name: string}}[]
      addedCount: number
    }
    expect(pushed.files.map(file => file.entry.name)).toEqual(['top.log', 'x:same.log', 'y:same.log'])
    expect(pushed.addedCount).toBe(3)
  })

  test('takes standard input, also without end for a while', () => {
    const line = '(echo one; sleep 1; echo two) | ddfs push p:slow - && ddfs cat p:slow'
    expect(project.shell(line)).toMatchObject({exitCode: 0, stdout: expect.stringMatching(/\tstdin\none\ntwo\n$/)})
  })

  test('gives with --json what it did', () => {
    const pushed = project.json(['ddfs', 'push', 'p:json', 'a.log'])
    expect(pushed).toEqual({
      tag: 'p:json',
      files: [
        {
          input: 'a.log',
          entry: {type: 'blob', blob: expect.stringMatching(/^[0-9a-f]{64}$/), name: 'a.log', bytes: lines.length},
          wasKnown: true,
          nodes: [],
        },
      ],
      addedCount: 1,
      entryCount: 1,
    })
  })

  test.each([
    [['push', 'bad name', 'a.log'], 2, '"bad name" cannot be the name of a tag'],
    [['push', 'x'], 2, 'FILE is missing'],
    [['push'], 2, 'TAG and FILE are missing'],
    [['push', 'x', 'none'], 1, 'none: there is no such file'],
    [['push', 'x', 'logs'], 1, 'logs is a folder'],
    [['push', 'x', '-', '-'], 2, 'standard input (-) can be read only once'],
    [['push', 'x', 'tag://p:any'], 2, 'tag://p:any is a tag: push stores files'],
    [['push', 'x', 'no\u001b[31mne'], 1, 'no\\u001b[31mne: there is no such file'],
    [['push', 'x', 'a.log', '--min-replicas', '2'], 3, 'a.log: 1 of 2 copies are safe'],
    [['chunk', 'x', 'a.log', '--separator', ';'], 2, '--separator is of use only with --csv'],
    [['chunk', 'x', 'a.log', '--size', 'much'], 2, '--size: "much" is not a size'],
    [['chunk', 'x', 'binary', '--max-record', '10'], 1, 'binary, record '],
    [['cat', 'none'], 1, 'there is no tag "none"'],
    [['cat', '0'.repeat(64)], 3, `no node holds blob ${'0'.repeat(64)}`],
    [['stat', 'none'], 1, 'there is no tag "none"'],
    [['ls', '--master', 'http://127.0.0.1:1'], 3, 'nothing answers at http://127.0.0.1:1'],
    [['ls', '--token', 'wrong'], 1, 'the token is not known here'],
    [['ls', '--ca', 'none.pem'], 2, 'the certificate none.pem cannot be read'],
    [['cp', 'p:any', 'p:any'], 2, '"p:any" cannot be copied onto itself'],
    [['chtok', 'p:any', 'x'], 2, 'say which token: --read, --write or both'],
    [['getattr', 'p:any', 'none'], 1, 'p:any has no attribute "none"'],
  ])('ddfs %j ends with %i: %s', (args, exitCode, message) => {
    const plain = project.ddfs(args)
    expect(plain).toMatchObject({exitCode, stdout: ''})
    expect(plain.stderr).toMatch(/^(Hint|Error): /m)
    expect(plain.stderr).toContain(`Error: ${message}`)
    if (args[0] === 'cat') return
    const asJson = project.ddfs([...args, '--json'])
    expect(asJson).toMatchObject({exitCode, stderr: ''})
    expect(JSON.parse(asJson.stdout)).toEqual({
      error: expect.objectContaining({code: expect.stringMatching(/^[A-Z_]+$/), message: expect.any(String)}),
    })
  })
})

describe('ddfs chunk', () => {
  test.each([
    ['zstd', [], zstdDecompressSync],
    ['gzip', ['--gzip'], gunzipSync],
    ['plain', ['--plain'], (bytes: Buffer) => bytes],
  ] as const)('stores %s that other tools read', (codec, flags, decompress) => {
    const tag = `c:${codec}`
    const {chunks} = project.json(['ddfs', 'chunk', tag, 'a.log', '--size', '8KiB', ...flags]) as {
      chunks: {entry: {blob: string; codec: string}}[]
    }
    expect(chunks.length).toBe(Math.ceil(lines.length / 8180))
    expect(new Set(chunks.map(chunk => chunk.entry.codec))).toEqual(new Set([codec]))
    project.shell(`ddfs cat ${chunks[0]?.entry.blob} > first`)
    expect(lines.startsWith(decompress(readFileSync(project.path('first'))).toString())).toBe(true)
    expect(project.ddfs(['xcat', tag]).stdout).toBe(lines)
  })

  test('repeats the header of CSV in each chunk and keeps quoted line ends together', () => {
    project.write('t.csv', `id;text\n${Array.from({length: 300}, (_, index) => `${index};"a\nb"\n`).join('')}`)
    const chunked = project.json(['ddfs', 'chunk', 'c:csv', 't.csv', '--csv', '--separator', ';', '--size', '1KiB'])
    expect(chunked).toMatchObject({recordCount: 300})
    const {chunks} = chunked as {chunks: {entry: {blob: string}}[]}
    expect(project.ddfs(['xcat', chunks[1]?.entry.blob ?? '']).stdout).toMatch(/^id;text\n\d+;"a\nb"\n/)
  })

  test('cuts a file that is called CSV as such, unless told otherwise or beside others', () => {
    project.write('a/t.csv', `id;text\n${Array.from({length: 300}, (_, index) => `${index};"a\nb"\n`).join('')}`)
    project.write('a/t.log', 'x\n')
    const {stderr} = project.ddfs(['chunk', 'c:guessed', 'a/t.csv', '--size', '1KiB'])
    expect(stderr).toContain('t.csv is cut as CSV with ";", its header before every chunk; --lines cuts at line ends\n')
    expect(stderr).toContain('300 records')
    expect(project.ddfs(['chunk', 'c:lines', 'a/t.csv', '--lines', '--size', '1KiB']).stderr).toContain('601 records')
    const beside = project.ddfs(['chunk', 'c:both', 'a/t.csv', 'a/t.log', '--size', '1KiB']).stderr
    expect(beside).toContain('t.csv is cut at line ends, as the others are')
    expect(beside).toContain('602 records')
  })

  test('is told of by who follows tables without --csv', () => {
    project.write('w/t.csv', 'id;text\n1;a\n')
    const watch = (...args: string[]) =>
      project.ddfs(['watch', 'w', '--once', '--tag', 'c:w', '--ledger', project.path('w.ledger'), ...args]).stderr
    const told = 'only the first chunk has their header; --csv repeats it\n'
    expect(watch('--pattern', '*.csv')).toContain(told)
    expect(watch('--pattern', '*.csv', '--csv')).not.toContain(told)
    expect(watch('--pattern', '*.log')).not.toContain(told)
  })

  test('takes pairs that Disco wrote as netstrings as lines, and xcat shows them', () => {
    project.write('pairs', '5 ocean 2 12\n3 sea 1 7\n')
    expect(project.ddfs(['xcat', './pairs']).stdout).toBe('ocean\t12\nsea\t7\n')
    expect(project.ddfs(['push', 'c:pairs', 'pairs']).exitCode).toBe(0)
    expect(project.ddfs(['xcat', 'c:pairs']).stdout).toBe('ocean\t12\nsea\t7\n')
    expect(project.json(['ddfs', 'chunk', 'c:chunked-pairs', 'pairs'])).toMatchObject({recordCount: 2})
    expect(project.ddfs(['cat', 'c:pairs']).stdout).toBe('5 ocean 2 12\n3 sea 1 7\n')
    project.write('cut', '5 ocean 2 12\n3 sea 1 7\n4 l')
    expect(project.ddfs(['xcat', 'cut'])).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('cut: the stream of Disco'),
    })
  })

  test('takes compressed input as its text, and the blobs of a tag', () => {
    project.shell('gzip -k a.log')
    expect(project.json(['ddfs', 'chunk', 'c:gz', 'a.log.gz'])).toMatchObject({recordCount: 3000, addedCount: 1})
    expect(project.json(['ddfs', 'chunk', 'c:again', 'tag://c:zstd'])).toMatchObject({recordCount: 3000, addedCount: 1})
    project.shell('head -c 100 a.log.gz > cut.gz')
    expect(project.ddfs(['chunk', 'c:cut', 'cut.gz'])).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('cut.gz cannot be decompressed'),
    })
    expect(project.ddfs(['exists', 'c:cut'])).toMatchObject({exitCode: 1, stdout: 'no\n'})
  })
})

describe('what is stored', () => {
  beforeAll(async () => {
    await push('r:one', 'a.log')
    await push('r:two', 'binary')
    await appendEntries(client, 'r:all', [
      {type: 'tag', tag: 'r:one'},
      {type: 'tag', tag: 'r:two'},
      {type: 'tag', tag: 'r:gone'},
    ])
  })

  test('is listed by prefix, with sizes and with contents', () => {
    expect(project.ddfs(['ls', 'r:']).stdout).toBe('r:all\nr:one\nr:two\n')
    expect(project.ddfs(['ls', '-l', 'r:one']).stdout).toMatch(
      /^ +1 +\d+ kB {2}x1 {2}\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}r:one\n$/,
    )
    expect(project.ddfs(['ls', '-r', 'r:all']).stdout).toBe('r:all\n  tag://r:one\n  tag://r:two\n  tag://r:gone\n')
    expect(project.json(['ddfs', 'ls', '-r', 'r:one'])).toEqual([
      expect.objectContaining({tag: 'r:one', entryCount: 1, entries: [expect.objectContaining({name: 'a.log'})]}),
    ])
  })

  test('is walked through, and a link to nothing is told', () => {
    const strict = project.ddfs(['find', 'r:all'])
    expect(strict.exitCode).toBe(1)
    expect(strict.stdout.split('\n').length).toBe(3)
    expect(strict.stderr).toContain('Error: there is no tag "r:gone", which "r:all" names')
    const lenient = project.ddfs(['find', '-i', 'r:all'])
    expect(lenient).toMatchObject({exitCode: 0, stdout: strict.stdout, stderr: 'there is no tag r:gone\n'})
    expect(project.json(['ddfs', 'find', '-i', 'r:all'])).toEqual([
      expect.objectContaining({path: ['r:all', 'r:one']}),
      expect.objectContaining({path: ['r:all', 'r:two']}),
    ])
  })

  test('names its copies', () => {
    expect(project.ddfs(['blobs', 'r:one']).stdout).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/blobs\/[0-9a-f]{64}\n$/)
    expect(project.json(['ddfs', 'blobs', 'r:one'])).toEqual([
      {path: ['r:one'], entry: expect.objectContaining({type: 'blob'}), urls: [expect.stringContaining('/blobs/')]},
    ])
    expect(project.json(['ddfs', 'urls', 'r:all'])).toContainEqual({tag: 'r:all', entry: {type: 'tag', tag: 'r:two'}})
  })

  test('is summed up', () => {
    expect(project.json(['ddfs', 'du', 'r:'])).toMatchObject({
      total: {tagCount: 3, entryCount: 5, bytes: lines.length + 70_000, bytesWithCopies: lines.length + 70_000},
    })
    expect(project.ddfs(['du', 'r:']).stdout).toMatch(/\n\d+ kB +\d+ kB +5 +total\n$/)
    expect(project.json(['ddfs', 'df'])).toEqual([
      expect.objectContaining({state: 'up', usedBytes: expect.any(Number)}),
    ])
    expect(project.json(['ddfs', 'get', 'r:one'])).toMatchObject({tag: 'r:one', entries: [{name: 'a.log'}]})
    expect(project.json(['ddfs', 'stat', 'r:one'])).toEqual([expect.objectContaining({tag: 'r:one', entryCount: 1})])
    expect(project.ddfs(['stat', 'r:one']).stdout).toMatch(/^tag +r:one\nversion +1 \(epoch 1\)\nentries +1\nbytes/)
  })

  test('is read as far as the reader wants', () => {
    expect(project.shell('ddfs cat r:two | head -c 10 | wc -c')).toMatchObject({
      exitCode: 0,
      stdout: '10\n',
      stderr: '',
    })
    expect(project.shell('ddfs ls > /dev/full')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('cannot write to stdout'),
    })
    const both = project.ddfs(['cat', '-i', 'r:none', 'a.log', 'r:one'])
    expect(both).toMatchObject({exitCode: 0, stdout: lines + lines, stderr: 'there is no tag r:none\n'})
  })
})

describe('a tag', () => {
  test('is made, copied, renamed, deleted and restored', async () => {
    await push('t:a', 'a.log')
    expect(project.json(['ddfs', 'cp', 't:a', 't:b'])).toMatchObject({tag: 't:b', entryCount: 1})
    expect(project.ddfs(['mv', 't:b', 't:a'])).toMatchObject({exitCode: 1, stderr: expect.stringContaining('--force')})
    expect(project.ddfs(['mv', 't:b', 't:c'])).toMatchObject({exitCode: 0, stderr: 't:b is now t:c\n'})
    expect(project.json(['ddfs', 'rm', 't:c', 't:none'])).toEqual([
      {tag: 't:c', existed: true},
      {tag: 't:none', existed: false},
    ])
    expect(project.ddfs(['ls', 't:']).stdout).toBe('t:a\n')
    expect(project.ddfs(['ls', '-d', 't:c']).stdout).toBe('t:c\n')
    expect(project.ddfs(['restore', 't:c'])).toMatchObject({exitCode: 0, stdout: 'restored t:c: 1 entry\n'})
    expect(project.json(['ddfs', 'log', 't:c'])).toMatchObject([
      {change: 'replace', addedCount: 1, by: 'admin'},
      {change: 'delete'},
      {change: 'restore'},
    ])
  })

  test('takes links and URLs in and out, under a condition if wanted', () => {
    expect(project.json(['ddfs', 'tag', 't:l', 't:x', 'http://h/y', '--if-version', '0'])).toMatchObject({
      addedCount: 2,
      existed: false,
    })
    expect(project.ddfs(['tag', 't:l', 't:z', '--if-version', '0'])).toMatchObject({exitCode: 1})
    expect(project.json(['ddfs', 'untag', 't:l', 'http://h/y'])).toMatchObject({removedCount: 1})
    expect(project.ddfs(['untag', 't:l', 'http://h/y'])).toMatchObject({
      exitCode: 1,
      stderr: '0 entries taken out of t:l\n',
    })
    expect(project.ddfs(['tag', 't:l', 'no/tag'])).toMatchObject({exitCode: 2})
  })

  test('has attributes, whose control characters stay away from terminals', () => {
    project.ddfs(['setattr', 't:attr', 'owner', 'a\u001b[31mb'])
    expect(project.ddfs(['attrs', 't:attr']).stdout).toBe('owner\ta\\u001b[31mb\n')
    expect(project.json(['ddfs', 'getattr', 't:attr', 'owner'])).toEqual({value: 'a\u001b[31mb'})
    expect(project.ddfs(['getattr', 't:attr', 'ownr']).stderr).toContain('Hint: Did you mean "owner"?\n')
    expect(project.ddfs(['setattr', 't:attr', 'x', 'y'.repeat(5000)])).toMatchObject({exitCode: 1})
    project.ddfs(['delattr', 't:attr', 'owner'])
    expect(project.json(['ddfs', 'attrs', 't:attr'])).toEqual({})
  })

  test('with a token is closed to those who lack it, also under a new name', () => {
    const token = project.disco(['token', 'write']).stdout.trim()
    const env = {DISCO_TOKEN: token}
    project.ddfs(['push', 't:closed', 'a.log', '--tag-token', 'mine'], {env})
    expect(project.ddfs(['cat', 't:closed'], {env})).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('the tag "t:closed" needs its read token'),
    })
    expect(project.ddfs(['cat', 't:closed', '--tag-token', 'mine'], {env}).stdout).toBe(lines)
    expect(project.ddfs(['mv', 't:closed', 't:open'])).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('"t:closed" has tokens, and "t:open" would have none'),
    })
    const read = project.disco(['token', 'read']).stdout.trim()
    expect(project.ddfs(['rm', 't:a'], {env: {DISCO_TOKEN: read}})).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('this needs a token for write'),
    })
  })
})

test('a push that is interrupted leaves the tag as it was and is done with what it was doing', async () => {
  const pushing = project.startTool(['ddfs', 'push', 'i:tag', '-'])
  pushing.child.stdin?.write('begun\n')
  await new Promise(resolve => setTimeout(resolve, 1500))
  pushing.child.kill('SIGINT')
  expect(await pushing.ended).toEqual({
    exitCode: 130,
    stdout: '',
    stderr: 'interrupted; the tag is unchanged. The same command again sends only what is missing\n',
  })
  expect(project.ddfs(['exists', 'i:tag']).exitCode).toBe(1)
})

describe('the cluster looks after itself:', () => {
  test('fsck finds what is wrong', () => {
    const found = project.json(['ddfs', 'fsck', 'r:one'])
    expect(found).toMatchObject({tagCount: 1, entryCount: 1, problemCount: 0, problems: []})
    const dangling = project.ddfs(['fsck', 'r:all'])
    expect(dangling).toMatchObject({
      exitCode: 1,
      stdout: 'dangling-link\tr:all names the tag r:gone, which does not exist\n',
    })
  })

  test('gc, scrub and balance say what they did', () => {
    expect(project.json(['ddfs', 'gc', '--dry-run'])).toMatchObject({phase: 'idle', deletionCount: 0})
    expect(project.json(['ddfs', 'gc'])).toMatchObject({phase: 'idle', droppedCount: 0})
    expect(project.json(['ddfs', 'scrub'])).toMatchObject({corruptCount: 0})
    expect(project.json(['ddfs', 'balance', '--no-wait'])).toMatchObject({movedCount: 0})
  })
})
