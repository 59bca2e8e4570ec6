import assert from 'node:assert/strict'
import {mkdtemp, readFile, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, test} from 'vitest'

interface AdLogs {
  writeAdLogs(options: {path: string; lines: number; seed?: number; dirty?: number}): {
    bytes: number
    lines: number
    dirty: number
  }
}
interface SampleLogs {
  writeSampleLogs(options: {kind: 'election' | 'access'; path: string; lines: number; seed?: number}): {
    bytes: number
    lines: number
  }
}
const script = (name: string): string => new URL(`../../../scripts/${name}`, import.meta.url).href
const {writeAdLogs} = (await import(script('ad-logs.mjs'))) as AdLogs
const {writeSampleLogs} = (await import(script('sample-logs.mjs'))) as SampleLogs

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ad-logs-'))
})
afterAll(() => rm(folder, {recursive: true}))

test('the same arguments give the same bytes, another seed others', async () => {
  const [first, second, other] = await Promise.all(
    [1, 1, 2].map((seed, index) => {
      const path = join(folder, `${index}.ndjson`)
      writeAdLogs({path, lines: 500, seed, dirty: 5})
      return readFile(path)
    }),
  )
  assert.ok(first!.equals(second!))
  assert.ok(!first!.equals(other!))
})

test('lines, bytes and dirty lines are as reported', async () => {
  const path = join(folder, 'ad.ndjson')
  const written = writeAdLogs({path, lines: 2000, seed: 7, dirty: 12})
  const bytes = await readFile(path)
  assert.equal(written.bytes, bytes.length)
  const lines = bytes.toString('latin1').split('\n')
  assert.equal(lines.pop(), '')
  assert.deepEqual([lines.length, written.lines, written.dirty], [2000, 2000, 12])
  assert.equal(lines.filter(line => !isRecord(line)).length, 12)
  assert.ok(bytes.length / 2000 > 170 && bytes.length / 2000 < 210)
})

test('records have the fields of the talk in their order, and times that never go back', async () => {
  const path = join(folder, 'clean.ndjson')
  writeAdLogs({path, lines: 1000, seed: 3})
  const lines = (await readFile(path, 'utf8')).trimEnd().split('\n')
  const records = lines.map(line => JSON.parse(line) as Record<string, unknown>)
  const names = ['time', 'domain', 'campaign_id', 'search_term', 'size', 'ip_address', 'price', 'clicked']
  assert.ok(records.every(record => Object.keys(record).join() === names.join()))
  const times = records.map(record => record.time as string)
  assert.deepEqual(times, times.toSorted())
  assert.ok(lines.every(line => /"price":\d+\.\d{2,4},/.test(line)))
  assert.equal(new Set(records.map(record => record.size)).size, 8)
  assert.deepEqual(new Set(records.map(record => record.clicked)), new Set([true, false]))
})

test('five kinds of dirty lines occur in turn', async () => {
  const path = join(folder, 'dirty.ndjson')
  writeAdLogs({path, lines: 5, seed: 1, dirty: 5})
  const lines = (await readFile(path, 'latin1')).trimEnd().split('\n')
  assert.match(lines[0]!, /^\{"time".*[^}]$/)
  assert.match(lines[1]!, /^WARN .*\{/)
  assert.match(lines[2]!, /caf\xe9 \xff\xfe/)
  assert.match(lines[3]!, /^\[\{.*\}\]$/)
  assert.match(lines[4]!, /^\{.*\}\{.*\}$/)
})

test('impossible numbers are refused', () => {
  assert.throws(() => writeAdLogs({path: join(folder, 'no'), lines: 3, dirty: 4}), RangeError)
  assert.throws(() => writeAdLogs({path: join(folder, 'no'), lines: -1}), RangeError)
})

test('larger files for the other templates are repeatable and have one record a line', async () => {
  for (const [kind, header] of [
    ['election', 1],
    ['access', 0],
  ] as const) {
    const texts = await Promise.all(
      [0, 1].map(index => {
        const path = join(folder, `${kind}-${index}`)
        assert.equal(writeSampleLogs({kind, path, lines: 50, seed: 4}).lines, 50)
        return readFile(path, 'utf8')
      }),
    )
    assert.equal(texts[0], texts[1])
    assert.equal(texts[0]!.split('\n').length - 1, 50 + header)
  }
})

/** One JSON object in valid UTF-8. */
function isRecord(latin1: string): boolean {
  try {
    const text = new TextDecoder('utf-8', {fatal: true}).decode(Buffer.from(latin1, 'latin1'))
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && !Array.isArray(value)
  } catch (error) {
    assert.ok(error instanceof SyntaxError || error instanceof TypeError)
    return false
  }
}
