import assert from 'node:assert/strict'
import {readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {test} from 'vitest'
import {seededRandom} from '../../../../src/base/index.ts'
import type {Key} from '../../../../src/jobs/index.ts'
import {type InlineInput, loadJob, runLocally} from '../../../../src/worker/jobs/index.ts'

const templates = join(import.meta.dirname, '../../../../templates')

async function run(
  template: string,
  inputs?: readonly (string | InlineInput)[],
  sortBytes?: number,
  params?: Record<string, unknown>,
): Promise<(readonly [Key, unknown])[]> {
  const folder = join(templates, template)
  const [name] = readdirSync(join(folder, 'jobs'))
  const {job} = await loadJob(join(folder, 'jobs', name!))
  const given = inputs ?? [join(folder, 'data')]
  using done = await runLocally(job, given, {
    ...(sortBytes === undefined ? {} : {sortBytes}),
    ...(params === undefined ? {} : {params}),
  })
  return [...done.results()]
}

const textsOf = (template: string): string[] =>
  readdirSync(join(templates, template, 'data'))
    .sort()
    .map(name => readFileSync(join(templates, template, 'data', name), 'utf8'))
const rowsOf = (template: string): Record<string, unknown>[] =>
  textsOf(template).flatMap(text =>
    text
      .trim()
      .split('\n')
      .map(line => JSON.parse(line) as Record<string, unknown>),
  )

function countWords(text: string): Map<string, number> {
  const counts = new Map<string, number>()
  for (const word of text.toLowerCase().split(/[^a-z0-9']+/))
    if (word !== '') counts.set(word, (counts.get(word) ?? 0) + 1)
  return counts
}

test('word-count counts the words of its texts', async () => {
  const found = new Map(await run('word-count'))
  assert.deepEqual(new Map([...found].sort()), new Map([...countWords(textsOf('word-count').join('\n'))].sort()))
  assert.equal(found.get('tide'), 6)
})

test('word-count counts the same with a buffer that spills all the time', async () => {
  const random = seededRandom(5)
  const inputs = Array.from({length: 5}, (_, index) => ({
    name: `${index}`,
    content: Array.from({length: 400}, () =>
      Array.from({length: 8}, () => `w${random.int(random.pick([10, 3000]))}`).join(' '),
    ).join('\n'),
  }))
  const expected = countWords(inputs.map(({content}) => content).join('\n'))
  for (const sortBytes of [2000, 50_000, undefined])
    assert.deepEqual(new Map([...(await run('word-count', inputs, sortBytes))].sort()), new Map([...expected].sort()))
})

test('inverted-index names the documents of each word that is not everywhere', async () => {
  const expected = new Map<string, string[]>()
  for (const {id, text} of rowsOf('inverted-index') as {id: string; text: string}[])
    for (const word of new Set(text.toLowerCase().split(/[^a-z]+/)))
      expected.set(word, [...(expected.get(word) ?? []), id].sort())
  const kept = [...expected].filter(([word, ids]) => word !== '' && ids.length <= 3)
  assert.deepEqual(new Map([...(await run('inverted-index'))].sort()), new Map(kept.sort()))
  assert.equal(expected.get('the')!.length, 4)
})

test('join puts the name of the customer to each order', async () => {
  const rows = rowsOf('join')
  const expected = rows.flatMap(({order, customer, total}) => {
    const who = rows.find(row => row['id'] === customer && row['order'] === undefined)
    return order === undefined || who === undefined ? [] : [[order, {name: who['name'], total}]]
  })
  assert.deepEqual(
    new Map([...(await run('join'))].sort() as [unknown, unknown][]),
    new Map(expected.sort() as [unknown, unknown][]),
  )
  assert.equal(expected.length, 3)
})

test('sort puts the lines of all inputs in order, whatever the boundaries', async () => {
  const expected = textsOf('sort').join('').trim().split('\n').sort()
  for (const boundaries of [['g', 'n', 't'], ['zzz'], ['finch', 'finch', 'owl']])
    assert.deepEqual(
      (await run('sort', undefined, 1024, {boundaries})).map(([line]) => line),
      expected,
    )
})
