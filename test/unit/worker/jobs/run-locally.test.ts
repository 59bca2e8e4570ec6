import assert from 'node:assert/strict'
import {mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {gzipSync, zstdCompressSync} from 'node:zlib'
import {afterAll, test} from 'vitest'
import {UserError} from '../../../../src/base/index.ts'
import {defineJob, type Job} from '../../../../src/jobs/index.ts'
import {type InlineInput, type LocalJobOptions, runLocally} from '../../../../src/worker/jobs/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'locally-'))
afterAll(() => rmSync(folder, {recursive: true}))

const text = (content: string | Uint8Array, name = 'input'): InlineInput => ({name, content})
async function resultsOf(
  job: Job,
  inputs: readonly (string | InlineInput)[],
  options?: LocalJobOptions,
): Promise<unknown[]> {
  using done = await runLocally(job, inputs, options)
  return [...done.results()]
}
async function failure(run: Promise<unknown>): Promise<UserError> {
  const error: unknown = await run.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  assert.ok(error instanceof UserError, String(error))
  return error
}

test('functions may be plain, generators, async, or emit', async () => {
  const lines = [text('a\nb')]
  const expected = [
    ['a', 1],
    ['b', 1],
  ]
  assert.deepEqual(await resultsOf(defineJob({name: 'j', map: line => [[line, 1]]}), lines), expected)
  assert.deepEqual(await resultsOf(defineJob({name: 'j', map: async line => [[line, 1]]}), lines), expected)
  assert.deepEqual(
    await resultsOf(
      defineJob({
        name: 'j',
        async *map(line) {
          yield [line, 1]
        },
      }),
      lines,
    ),
    expected,
  )
  assert.deepEqual(await resultsOf(defineJob({name: 'j', map: (line, {emit}) => emit(line, 1)}), lines), expected)
})

test('inputs are read packed and plain, line ends and byte order marks aside', async () => {
  const job = defineJob({name: 'j', map: line => [[line, null]]})
  const content = '\ufeffone\r\ntwo\n\nlast'
  const expected = ['one', 'two', '', 'last'].map(line => [line, null])
  assert.deepEqual(await resultsOf(job, [text(content)]), expected)
  assert.deepEqual(await resultsOf(job, [text(gzipSync(content))]), expected)
  assert.deepEqual(await resultsOf(job, [text(zstdCompressSync(content))]), expected)
  writeFileSync(join(folder, 'plain.txt'), content)
  assert.deepEqual(await resultsOf(job, [join(folder, 'plain.txt')]), expected)
  assert.deepEqual(await resultsOf(job, ['raw://x\ny']), [
    ['x', null],
    ['y', null],
  ])
})

test('readers give objects, rows, whole inputs, and what a function makes of the bytes', async () => {
  assert.deepEqual(
    await resultsOf(defineJob({name: 'j', reader: 'json', map: row => [[row['a'] as number, row]]}), [
      text('{"a":1}\n{"a":12345678901234567890}\n'),
    ]),
    [
      [1, {a: 1}],
      [12345678901234567890n, {a: 12345678901234567890n}],
    ],
  )
  assert.deepEqual(
    await resultsOf(
      defineJob({name: 'j', reader: {type: 'csv', delimiter: ';'}, map: row => [[row['b']!, row['a']]]}),
      [text('a;b\n1;"x;y"\n')],
    ),
    [['x;y', '1']],
  )
  assert.deepEqual(
    await resultsOf(defineJob({name: 'j', reader: 'bytes', map: bytes => [[bytes.length, bytes]]}), [
      text(Buffer.of(1, 10, 2)),
    ]),
    [[3, Uint8Array.of(1, 10, 2)]],
  )
  const halves = defineJob({
    name: 'j',
    reader: async function* (chunks, context) {
      for await (const chunk of chunks) {
        for (const word of Buffer.from(chunk)
          .toString()
          .split(context.params['by'] as string))
          if (word === '') context.bad('empty', word)
          else yield word
      }
    },
    params: {by: '|'},
    map: word => [[word, 1]],
  })
  using done = await runLocally(halves, [text('x||y')])
  assert.deepEqual(
    [...done.results()],
    [
      ['x', 1],
      ['y', 1],
    ],
  )
  assert.deepEqual(done.stages[0]!.tasks[0]!.account.badByReason, {empty: 1})
})

test('results of one job are the input of another', async () => {
  using first = await runLocally(defineJob({name: 'j', map: line => [[[line, 1], Buffer.from(line)]], sort: true}), [
    text('b\na'),
  ])
  const second = defineJob({name: 'k', reader: 'records', map: ([key, value]) => [[key, value]]})
  assert.deepEqual(
    await resultsOf(
      second,
      first.outputs.map(({path}) => path),
    ),
    [
      [['a', 1], Uint8Array.of(97)],
      [['b', 1], Uint8Array.of(98)],
    ],
  )
})

test('bad records are counted with samples, and past the limit the job fails', async () => {
  const inputs = [text('{"a":1}\n{"a":\nnonsense\n{"a":2}\n')]
  const options = {
    name: 'j',
    reader: 'json',
    map: (row: Record<string, unknown>) => [[row['a'] as number, 1]] as const,
  } as const
  using done = await runLocally(defineJob(options), inputs)
  const {account} = done.stages[0]!.tasks[0]!
  assert.deepEqual([account.in, account.out, account.bad, account.badSamples.map(({line}) => line)], [4, 2, 2, [2, 3]])
  const error = await failure(runLocally(defineJob({...options, limits: {badRecords: 1}}), inputs))
  assert.match(error.message, /more than 1 records cannot be read; the last one is line 3/)
})

test('a group is as long as it is: reduce may leave it early, or read it twice as long as memory', async () => {
  const job = defineJob({
    name: 'j',
    *map(line) {
      for (let index = 0; index < 20_000; index++) yield [`${line}`, index]
    },
    *reduce(key, values) {
      if (key === 'skipped') yield [key, 'nothing']
      else {
        let sum = 0
        for (const value of values) sum += value
        yield [key, sum]
      }
    },
    partitions: 1,
  })
  assert.deepEqual(await resultsOf(job, [text('skipped\nread')], {sortBytes: 20_000}), [
    ['read', 199_990_000],
    ['skipped', 'nothing'],
  ])
})

test('values of a key come by input and emission, whatever the buffer', async () => {
  const job = defineJob({
    name: 'j',
    map: (line, {task}) => [['key', `${task.task}${line}`]],
    reduce: (key, values) => [[key, [...values].join(' ')]],
    partitions: 1,
  })
  for (const sortBytes of [1024, 1e6])
    assert.deepEqual(await resultsOf(job, [text('b\na'), text('d\nc')], {sortBytes}), [['key', '0b 0a 1d 1c']])
})

test('each grouping makes its tasks', async () => {
  const tasksOf = async (
    grouping: 'split' | 'group-label' | 'group-node' | 'group-node-label' | 'group-all',
    inputs = [text('a\nb\nc'), text('b')],
  ): Promise<unknown[]> => {
    const job = defineJob({
      name: 'j',
      stages: [
        {
          name: 'first',
          grouping: 'split',
          async process(input, {emit}) {
            for await (const line of input) emit(line as string, 1, (line as string).charCodeAt(0) - 97)
          },
        },
        {
          name: 'second',
          grouping,
          init: context => {
            context.state['seen'] = []
          },
          async process(input, {state}) {
            for await (const pair of input) (state['seen'] as unknown[]).push((pair as [string])[0])
          },
          done: ({state, task}) => [[task.task, [task.label, ...(state['seen'] as string[])]]],
        },
      ],
    })
    return (await resultsOf(job, inputs)).map(pair => (pair as unknown[])[1])
  }
  assert.deepEqual(await tasksOf('split'), [
    [0, 'a'],
    [1, 'b'],
    [2, 'c'],
    [1, 'b'],
  ])
  assert.deepEqual(await tasksOf('group-label'), [
    [0, 'a'],
    [1, 'b', 'b'],
    [2, 'c'],
  ])
  assert.deepEqual(await tasksOf('group-node-label'), [
    [0, 'a'],
    [1, 'b', 'b'],
    [2, 'c'],
  ])
  assert.deepEqual(await tasksOf('group-node'), [[0, 'a', 'b', 'c', 'b']])
  assert.deepEqual(await tasksOf('group-all'), [[0, 'a', 'b', 'c', 'b']])
  assert.deepEqual(await tasksOf('group-all', []), [])
  assert.deepEqual(await tasksOf('group-all', [text('')]), [[0]])
})

test('values out of band, counters, logs and files reach whoever asks', async () => {
  writeFileSync(join(folder, 'extra.txt'), 'from a file')
  const lines: string[] = []
  const job = defineJob({
    name: 'j',
    files: ['extra.txt'],
    map(line, context) {
      context.oob.put('first', {line})
      context.counter('lines')
      for (let index = 0; index < 500; index++) context.log(`${index}\u001b`)
      context.emit(line, readFileSync(context.file('extra.txt'), 'utf8'))
    },
    async reduce(key, values, context) {
      return [[key, [...values, await context.oob.get('first'), (await context.oob.get('none')) ?? 'none']]]
    },
    partitions: 1,
  })
  using done = await runLocally(job, [text('x')], {baseFolder: folder, onLog: line => lines.push(line)})
  assert.deepEqual([...done.results()], [['x', ['from a file', {line: 'x'}, 'none']]])
  assert.deepEqual([done.oob('first'), done.oob('none'), done.counters], [{line: 'x'}, undefined, {lines: 1}])
  assert.equal(lines[0], '0\\u001b')
  assert.equal(lines.length + done.stages[0]!.tasks[0]!.logsDropped, 500)
  assert.ok(lines.length < 150)
})

test.each([
  [
    'a map that throws',
    defineJob({
      name: 'j',
      map: line => {
        throw new Error(`no ${line}`)
      },
    }),
    /stage map, task 0: no x\n {2}at record x/,
  ],
  [
    'a map that gives text',
    defineJob({name: 'j', map: line => line as never}),
    /map gives back pairs \[\[key, value\], …\] or nothing, not 'x'/,
  ],
  [
    'a map that gives one pair',
    defineJob({name: 'j', map: line => [line, 1] as never}),
    /map gives pairs \[key, value\], not 'x'/,
  ],
  [
    'a key that is none',
    defineJob({name: 'j', map: () => [[undefined as never, 1]]}),
    /a key is JSON or bytes, not undefined/,
  ],
  [
    'a partition out of range',
    defineJob({name: 'j', map: line => [[line, 1]], partition: () => 9, partitions: 3}),
    /partition gives back a whole number from 0 to 2, not 9 \(key 'x'\)/,
  ],
  [
    'a label that is none',
    defineJob({name: 'j', map: (line, {emit}) => emit(line, 1, -1)}),
    /a label is a whole number from 0, not -1/,
  ],
  [
    'a combine without a value',
    defineJob({
      name: 'j',
      map: line => [
        [line, 1],
        [line, 2],
      ],
      combine: () => undefined as never,
      reduce: () => [],
    }),
    /combine gives back one value, not undefined/,
  ],
  [
    'groups of what is not merged',
    defineJob({name: 'j', stages: [{name: 's', grouping: 'split', process: input => [...input.groups()] as never}]}),
    /groups\(\) is for stages with merge: true/,
  ],
  [
    "a file that is not the job's",
    defineJob({name: 'j', map: (_line, context) => [[context.file('other'), 1]]}),
    /has no file "other"/,
  ],
])('%s fails the job with what was wrong', async (_what, job, expected) => {
  const error = await failure(runLocally(job, [text('x')]))
  assert.equal(error.code, 'JOB_FAILED')
  assert.match(error.message, expected)
})

test('nothing is left behind', async () => {
  const temporaryFolder = mkdtempSync(join(folder, 'tmp-'))
  const job = defineJob({
    name: 'j',
    map: line => [[line, 1]],
    reduce: () => {
      throw new Error('no')
    },
  })
  await failure(runLocally(job, [text('x')], {temporaryFolder}))
  ;(await runLocally(defineJob({name: 'j', map: line => [[line, 1]]}), [text('x')], {temporaryFolder})).close()
  assert.deepEqual(readdirSync(temporaryFolder), [])
})
