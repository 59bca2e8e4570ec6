/** The program, killed while the rows of its run are on ClickHouse, and run again. */
import {chmodSync} from 'node:fs'
import {afterAll, beforeAll, describe, expect, onTestFinished, test} from 'vitest'
import {Project} from '../../cli/inferno-project.ts'
import {dirtyLines} from './fixture.ts'
import {type Front, hasEngine, startFront} from './front.ts'
import {startS3} from './s3.ts'

const rules = `
import {avg, count, defineRule, max, sum} from 'disco-inferno'
export const clicks = defineRule({
  name: 'clicks',
  keysets: {
    sites: {keyParts: ['site'], valueParts: {n: count(), ms: sum('ms'), mean: avg('ms'), worst: max('ms')}},
    countries: {keyParts: ['user.country'], valueParts: {n: count()}},
  },
})
`

describe.skipIf(!hasEngine())('a run whose rows stay on ClickHouse, killed', () => {
  const project = new Project()
  let front: Front
  beforeAll(async () => {
    front = await startFront()
    project.write('rules/r.ts', rules)
    chmodSync(project.write('settings.yaml', 'clickhouse:\n  s3AccessKey: AKIATEST\n  s3SecretKey: secret\n'), 0o600)
  })
  afterAll(async () => {
    await front?.close()
    project.close()
  })

  const rows = async (): Promise<unknown> => [
    await front.rows('SELECT * FROM sites ORDER BY ALL'),
    await front.rows('SELECT * FROM countries ORDER BY ALL'),
    await front.rows('SELECT count(), sum(row_count) FROM inferno_batches'),
  ]

  test('at any step, then run again, leaves the rows of a run that was not disturbed', async () => {
    const s3 = await startS3({
      'logs/a.json': Buffer.from(dirtyLines(300)),
      'logs/b.json': Buffer.from(dirtyLines(300, 300)),
    })
    onTestFinished(() => s3[Symbol.asyncDispose]())
    const to = front.address.replace('http:', 'clickhouse:')
    const args = [
      'run',
      'r',
      '-e',
      'settings.yaml',
      '--engine',
      `clickhouse=${front.address}`,
      '--input',
      `s3+${s3.url}/bucket/logs/*.json`,
    ]
    const undisturbed = await project.start([...args, '--to', to]).ended
    expect(undisturbed).toMatchObject({exitCode: 0, stderr: expect.stringContaining('moved on the server')})
    const expected = await rows()
    const steps = [
      ['after', /^CREATE TABLE `default`\.`inferno_rows_/],
      ['after', /^INSERT INTO `default`\.`inferno_rows_/],
      ['before', /^INSERT INTO `sites`/],
      ['after', /^INSERT INTO `sites`/],
      ['after', /^INSERT INTO `countries`/],
      ['before', /^INSERT INTO `inferno_batches`/],
      ['after', /^INSERT INTO `inferno_batches`/],
    ] as const
    for (const [when, statement] of steps) {
      for (const name of ['sites', 'countries', 'inferno_batches']) await front.rows(`DROP TABLE ${name} SYNC`)
      const {child, ended} = project.start([...args, '--to', to])
      front.cut = sql => {
        if (!statement.test(sql) || child.killed) return undefined
        child.kill('SIGKILL')
        return when
      }
      await ended
      expect(child.signalCode, String(statement)).toBe('SIGKILL')
      front.cut = () => undefined
      const again = await project.start([...args, '--to', to]).ended
      expect(again).toMatchObject({exitCode: 0})
      expect(await rows(), `${when} ${statement}`).toEqual(expected)
    }
  }, 180_000)
})
