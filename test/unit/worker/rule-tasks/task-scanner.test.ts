import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {gzipSync, zstdCompressSync} from 'node:zlib'
import {expect, test} from 'vitest'
import {count, distinct, max, sum, topK} from '../../../../src/api.ts'
import {runRuleTask, type TaskResult} from '../../../../src/worker/index.ts'
import {type LoadedWork, WaitingScanner} from '../../../../src/worker/rule-tasks/task-scanner.ts'
import {fileOf, scanOf, specOf, workOf} from './rule-work.ts'

const ports = {headers: {}, progress: () => undefined}

async function scan(loaded: LoadedWork, content: string | Uint8Array): Promise<TaskResult & {folder: string}> {
  const spec = specOf(scanOf('a.log'), [[fileOf(content)]])
  return {...(await runRuleTask(loaded, spec, ports)), folder: spec.folder}
}

const lines = (count: number, line: (index: number) => string): string =>
  Array.from({length: count}, (_, index) => `${line(index)}\n`).join('')

const inputs: readonly (string | Uint8Array)[] = [
  lines(3000, index => `{"site":"s${index % 50}","user":"u${index % 700}","n":${index}}`),
  '',
  // Other members, another order, what only the row path takes, and what nobody takes.
  lines(500, index => `{"n":${index}.5,"more":[1,{"a":"\\u00e9"}],"user":"u${index}","site":"s${index % 9}"}`) +
    '{"site":"s1","n":1e3}\nno record\n\n{"user":"u","n":"x"}\n{"site":{"a":1}}\n',
  gzipSync(lines(40_000, index => `{"site":"s${(index * 7919) % 40_000}","user":"u${index}","n":1}`)),
  zstdCompressSync(lines(20_000, index => `{"site":"z${index}","n":${index % 10}}`)),
  lines(3000, index => `{"site":"s${index % 50}","user":"u${index % 700}","n":${index}}`),
]

for (const engine of ['auto', 'row'] as const)
  test(`one scanner after the other makes the partials that new ones make (engine ${engine})`, async () => {
    const work = workOf(
      {
        keyParts: ['site'],
        valueParts: {hits: count(), n: sum('n'), most: max('n'), users: distinct('user'), top: topK('user', 3)},
      },
      // Small enough for several runs of an input.
      {engine, memoryBytes: 2 ** 22},
    )
    const waiting = new WaitingScanner()
    for (const content of inputs) {
      const fresh = await scan({work, module: null}, content)
      const again = await scan({work, module: null, waiting}, content)
      expect(again.error).toBeNull()
      expect(again.counters).toEqual(fresh.counters)
      expect(again.usage.bytes).toBe(fresh.usage.bytes)
      const [one, other] = [fresh, again].map(({folder, outputs}) => readFileSync(join(folder, outputs[0]!.file)))
      expect(one!.equals(other!)).toBe(true)
    }
    expect(waiting.take()).toBeDefined()
  })

test('a scanner whose input failed is not used again', async () => {
  const work = workOf({keyParts: ['site'], valueParts: ['count']})
  const waiting = new WaitingScanner()
  const broken = gzipSync(lines(50_000, index => `{"site":"s${index}"}`)).subarray(0, 50_000)
  await scan({work, module: null, waiting}, inputs[0]!)
  const {error} = await scan({work, module: null, waiting}, broken)
  expect(error?.message).toContain('cut short')
  expect(waiting.take()).toBeUndefined()
  expect((await scan({work, module: null, waiting}, inputs[0]!)).account.in).toBe(3000)
})

test('rules with pairs have a scanner an input', async () => {
  const work = workOf({keyParts: ['site'], valueParts: ['count'], sort: false})
  const waiting = new WaitingScanner()
  for (const content of [inputs[0]!, inputs[0]!]) {
    const {error} = await scan({work, module: null, waiting}, content)
    expect(error).toBeNull()
    expect(waiting.take()).toBeUndefined()
  }
})
