import {expect, onTestFinished, test} from 'vitest'
import {homePaths} from '../../../../src/client/index.ts'
import {NodeProcess} from '../../../../src/cluster/index.ts'
import {type Family, prometheusText} from '../../../../src/cluster/metrics/prometheus.ts'
import {familiesOf} from '../../../../src/cluster/metrics/rule-metrics.ts'
import {ensureTokens} from '../../../../src/cluster/run/tokens.ts'
import type {RuleRecord} from '../../../../src/storage/index.ts'
import {temporaryFolder} from '../../storage/folder.ts'
import {nodeOptions} from '../node-options.ts'

interface Parsed {
  readonly type: string
  readonly help: string
  readonly samples: Map<string, number>
}

/** Reads the text as Prometheus does, and is as strict. */
function parse(text: string): Map<string, Parsed> {
  const families = new Map<string, Parsed>()
  let now = ''
  expect(text.endsWith('\n')).toBe(true)
  for (const line of text.slice(0, -1).split('\n')) {
    const help = /^# HELP ([a-z_:][a-z0-9_:]*) (.+)$/.exec(line)
    if (help !== null) {
      expect(families.has(help[1]!), `${help[1]} comes once`).toBe(false)
      families.set(help[1]!, {type: '', help: help[2]!, samples: new Map()})
      now = help[1]!
      continue
    }
    const type = /^# TYPE (\S+) (counter|gauge)$/.exec(line)
    if (type !== null) {
      expect(type[1]).toBe(now)
      families.set(now, {...families.get(now)!, type: type[2]!})
      continue
    }
    const sample =
      /^([a-z_:][a-z0-9_:]*)(\{(?:[a-z_]+="(?:[^"\\\n]|\\[\\"n])*",?)*\})? (-?[0-9.e+-]+|NaN|[+-]Inf)$/.exec(line)
    expect(sample, `can be read: ${line}`).not.toBeNull()
    expect(sample![1]).toBe(now)
    const {samples} = families.get(now)!
    expect(samples.has(sample![2] ?? ''), `${line} comes once`).toBe(false)
    samples.set(sample![2] ?? '', Number(sample![3]!.replace('Inf', 'Infinity')))
  }
  return families
}

test('text of strangers cannot leave its label', () => {
  const family: Family = {
    name: 'disco_x',
    type: 'gauge',
    help: 'One\nline.',
    samples: [{labels: {rule: 'a"b\\c\nd 1'}, value: Number.POSITIVE_INFINITY}],
  }
  const text = prometheusText([family])
  expect(text).toBe('# HELP disco_x One\\nline.\n# TYPE disco_x gauge\ndisco_x{rule="a\\"b\\\\c\\nd 1"} +Inf\n')
  expect(parse(text).get('disco_x')?.samples.size).toBe(1)
})

test('a family of which nothing is known is left out, and a counter is named as one', () => {
  expect(prometheusText([{name: 'disco_x', type: 'gauge', help: 'x', samples: []}])).toBe('')
  expect(() => prometheusText([{name: 'disco_x', type: 'counter', help: 'x', samples: [{value: 1}]}])).toThrow('_total')
})

test('rules are told by folder and name, times in seconds', () => {
  const record = {
    name: 'visits',
    lastSuccessMs: 1_700_000_000_500,
    lastEndMs: undefined,
    dueMs: undefined,
    lastState: 'failed',
    gaveUpMs: undefined,
    pausedMs: 1,
    retryCount: 2,
  } as unknown as RuleRecord
  const families = parse(prometheusText(familiesOf([{folder: 'rules-1', records: [record]}])))
  const labels = '{folder="rules-1",rule="visits"}'
  const values = Object.fromEntries([...families].map(([name, {samples}]) => [name, samples.get(labels)]))
  expect(values).toEqual({
    disco_rule_last_success_timestamp_seconds: 1_700_000_000.5,
    disco_rule_failing: 1,
    disco_rule_given_up: 0,
    disco_rule_paused: 1,
    disco_rule_retries: 2,
  })
})

test('a node tells of itself and its cluster, to those who may read, by the conventions of Prometheus', async () => {
  const home = temporaryFolder()
  const node = await NodeProcess.start({
    ...nodeOptions(home, {slotCount: 3, software: 'disco-inferno 9.8.7'}),
    onEnd: () => undefined,
  })
  onTestFinished(() => node.close())
  expect((await fetch(`${node.url}/metrics`)).status).toBe(401)
  const headers = {authorization: `Bearer ${ensureTokens(homePaths(home)).read}`}
  await expect
    .poll(async () => (await fetch(`${node.url}/metrics`, {headers})).text())
    .toContain('disco_cluster_nodes{state="up"} 1')
  const response = await fetch(`${node.url}/metrics`, {headers})
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  const families = parse(await response.text())
  const sampleOf = (name: string, labels = ''): number | undefined => families.get(name)?.samples.get(labels)
  expect(sampleOf('disco_build_info', '{version="9.8.7"}')).toBe(1)
  expect(sampleOf('disco_slots')).toBe(3)
  expect(sampleOf('disco_jobs', '{state="running"}')).toBe(0)
  expect(sampleOf('disco_storage_free_bytes')).toBeGreaterThan(0)
  expect(sampleOf('disco_mesh_links_total', '{role="master"}')).toBe(1)
  expect(sampleOf('disco_http_requests_total', '{endpoint="metrics",code="401"}')).toBe(1)
  for (const [name, {type}] of families) {
    expect(name).toMatch(/^(disco|process)_[a-z_]+$/)
    expect(type === 'counter').toBe(name.endsWith('_total'))
    expect(name).not.toMatch(/_(ms|milliseconds|kb|megabytes|count)$/)
  }
})
