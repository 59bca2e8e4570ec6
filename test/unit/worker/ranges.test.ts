import {mkdtempSync, rmSync, truncateSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import fc from 'fast-check'
import {afterAll, expect, test} from 'vitest'
import {
  type Account,
  addAccount,
  type EngineChoice,
  emptyAccount,
  type ResultRow,
  resultRows,
} from '../../../src/engine/index.ts'
import {compilePlan, defineRule, type FormatNode} from '../../../src/rules/index.ts'
import {codeOf} from '../../../src/worker/resolve-rule.ts'
import {openRun} from '../../../src/worker/run-files.ts'
import {countersPerScanner, type ScanPart} from '../../../src/worker/scan-job.ts'
import {Scanner} from '../../../src/worker/scanner.ts'

const folder = mkdtempSync(join(tmpdir(), 'test-ranges-'))
afterAll(() => rmSync(folder, {recursive: true, force: true}))
const path = join(folder, 'input')

const rule = defineRule({name: 'tested', keyParts: ['k'], valueParts: ['count', 'v']})
const {plan} = compilePlan(rule)
const format: FormatNode = {format: 'json'}

async function scan(
  cuts: readonly number[],
  bytes: number,
  engine: EngineChoice = 'row',
): Promise<{rows: ResultRow[]; account: Account; lines: number}> {
  const scanner = await Scanner.open(
    {
      plan,
      params: {},
      rule: null,
      budgetBytes: 2 ** 24,
      folder,
      scanner: 0,
      counters: new SharedArrayBuffer(countersPerScanner * 8 * 2),
      keepsBad: false,
      recordsMax: null,
      engine,
      sharesRuns: false,
    },
    codeOf(rule, 'tested', {}),
  )
  const places = [...new Set([0, ...cuts.filter(cut => cut > 0 && cut < bytes), bytes])].sort((a, b) => a - b)
  const account = emptyAccount()
  let lines = 0
  for (let part = 0; part + 1 < places.length; part++) {
    const range: ScanPart = {
      kind: 'range',
      part,
      format,
      name: 'input',
      path,
      start: places[part]!,
      end: places[part + 1]!,
    }
    const result = await scanner.run(range)
    addAccount(account, result.account, lines)
    lines += result.lines
  }
  const runs = scanner.finish()
  const none = codeOf(rule, 'tested', {}).resolve
  const open = (table: number) => runs[table]!.map(run => () => openRun(run))
  const keepRun = () => {
    throw new Error('no intermediate runs')
  }
  return {rows: [...resultRows({plan, params: {}, resolve: none, account, runs: open, keepRun})], account, lines}
}

const line = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({k: fc.constantFrom('a', 'bb', 'é'), v: fc.nat()}).map(each => JSON.stringify(each)),
  },
  fc.constantFrom('', '  ', '{"k":', '[1]', '{"k":"\u{1f600}"}'),
  fc.nat(2_000).map(length => JSON.stringify({k: 'x'.repeat(length), v: 1})),
)
const text = fc
  .tuple(fc.array(fc.tuple(line, fc.constantFrom('\n', '\r\n')), {maxLength: 40}), fc.boolean())
  .map(([lines, endsOpen]) => {
    const joined = lines.map(([each, end]) => each + end).join('')
    return endsOpen ? joined.replace(/\r?\n$/, '') : joined
  })

test.each(['row', 'auto'] as const)(
  'ranges cut at any bytes read exactly the records of the whole: %s',
  async engine => {
    await fc.assert(
      fc.asyncProperty(text, fc.array(fc.nat(20_000), {maxLength: 12}), async (content, cuts) => {
        writeFileSync(path, content)
        const bytes = Buffer.byteLength(content)
        if (bytes === 0) return
        expect(
          await scan(
            cuts.map(cut => cut % bytes),
            bytes,
            engine,
          ),
        ).toEqual(await scan([], bytes))
      }),
      {numRuns: 150},
    )
  },
)

test.each(['row', 'auto'] as const)(
  'a range inside one long line holds nothing, wherever the line ends: %s',
  async engine => {
    const content = `{"k":"a"}\n${JSON.stringify({k: 'y'.repeat(700_000)})}\n{"k":"b"}`
    writeFileSync(path, content)
    const bytes = content.length
    const whole = await scan([], bytes)
    expect(whole.rows).toHaveLength(3)
    for (const cuts of [[10], [9, 10, 11], [100, 200, 600_000, 700_021, 700_022], [bytes - 10, bytes - 9, bytes - 1]]) {
      expect(await scan(cuts, bytes, engine)).toEqual(whole)
    }
  },
)

test('a file that became shorter is an error, not a loss', async () => {
  writeFileSync(path, '{"k":1}\n'.repeat(100))
  truncateSync(path, 200)
  await expect(scan([], 800)).rejects.toMatchObject({
    code: 'INPUT_UNREADABLE',
    message: expect.stringContaining('shorter'),
  })
})
