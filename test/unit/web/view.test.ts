import {describe, expect, test} from 'vitest'
import type {RuleFolders} from '../../../src/protocol/index.ts'
import type {Snapshot} from '../../../src/ui/index.ts'
import {requestOf} from '../../../src/ui/monitor/monitor-after.ts'
import type {Action} from '../../../src/web/view/actions.ts'
import {type Element, textOf, type View} from '../../../src/web/view/element.ts'
import {shownJob, startWebModel, type WebModel, webAfter} from '../../../src/web/view/model.ts'
import {announcementOf, pageView, titleOf} from '../../../src/web/view/page.ts'
import {bigJob, type FakeOptions, fakeSnapshot, startedAtMs} from '../ui/monitor/fake-source.ts'

const start = startWebModel({nowMs: startedAtMs, zoneOffsetMinutes: 0, hasToken: true})

const following = (model: WebModel, ...actions: readonly Action[]): WebModel => actions.reduce(webAfter, model)

/** The model after two looks: the second one brings the job that the first one made it open. */
function looked(step = 3, options: FakeOptions = {}): WebModel {
  return [step, step + 1].reduce((model, at) => {
    const snapshot = fakeSnapshot(at, requestOf(model.monitor), options)
    return webAfter(model, {type: 'snapshot', snapshot, nowMs: startedAtMs + at * 1000})
  }, start)
}

function all(views: readonly View[]): Element[] {
  return views.flatMap(view => (typeof view === 'string' ? [] : [view, ...all(view.children)]))
}

const elements = (model: WebModel): Element[] => all(pageView(model))
const byId = (model: WebModel, id: string): Element | undefined =>
  elements(model).find(({attributes}) => attributes.id === id)
const textById = (model: WebModel, id: string): string => textOf(byId(model, id) ?? '')

const rules: RuleFolders = {
  nowMs: startedAtMs,
  folders: [
    {
      folder: 'r-1',
      isServed: false,
      rules: [
        {
          rule: 'visits',
          schedule: 'every 5 minutes',
          state: 'retrying',
          isStale: true,
          maxAgeMs: 3_600_000,
          lastSuccessMs: startedAtMs - 7_200_000,
          nextDueMs: startedAtMs + 30_000,
          retryCount: 2,
          error: 'the database\ndoes not answer',
        },
      ],
    },
  ],
}

describe('the page', () => {
  test('tells nodes, jobs, one job in full, and storage', () => {
    const model = looked()
    expect(textById(model, 'nodes')).toMatch(/web1 \*.+up.+4\/8.+33 %, 600 GB free/)
    expect(textById(model, 'jobs')).toContain(bigJob)
    expect(textById(model, 'job')).toMatch(/map .*reduce .*Events .*merged 60 label files/)
    expect(textById(model, 'storage')).toMatch(/312 tags, 48,113 blobs Repair all copies are there/)
    expect(byId(model, 'rules')).toBeUndefined()
  })

  test('has a bar with words for each stage of a job that runs', () => {
    const bars = all(byId(looked(), 'jobs')!.children).filter(({tag}) => tag === 'progress')
    expect(bars.slice(0, 2).map(({attributes}) => [attributes.value, attributes['aria-label']])).toEqual([
      ['1.000', 'map: 64 of 64 tasks'],
      ['0.000', 'reduce: 0 of 16 tasks'],
    ])
  })

  test('puts what is wrong first, in the title too', () => {
    const model = looked(3, {nodeLostFrom: 0})
    const [first] = pageView(model).find(({tag}) => tag === 'main')!.children
    expect(textOf(first!)).toContain('212 blobs have one copy less')
    expect(titleOf(model)).toBe('(1) disco · 3/4 nodes')
    expect(announcementOf(model)).toBe('1 warning')
    expect(textById(model, 'storage')).toContain('212 blobs to copy, 1.2 GB, 1 m 34 s left')
  })

  test('keeps what it knew while nobody answers, and says since when', () => {
    const lost = following(looked(), {type: 'failed', reason: 'no route', nowMs: startedAtMs + 9000})
    const text = elements(lost).find(({attributes}) => attributes.class === 'state lost')
    expect(textOf(text!)).toBe('NO ANSWER since 12:00:09 (0 s) · again in 1 s · no route')
    expect(textById(lost, 'jobs')).toContain(bigJob)
    expect(textById(lost, 'job')).not.toContain('NO ANSWER')
  })

  test('tells how fresh the rules are, where there are some', () => {
    const text = textById(following(looked(), {type: 'rules', rules}), 'rules')
    expect(text).toContain('no daemon works here now')
    expect(text).toMatch(/visits retrying.+retry 2.+stale: older than 1 h 00 m 2 h 00 m ago in 30 s every 5 minutes/)
    expect(text).toContain('the database does not answer')
  })

  test('has a row for each job up to a number, and the others on request', () => {
    const model = looked(3, {jobCount: 40})
    const rowsOf = (shown: WebModel): number =>
      all(byId(shown, 'jobs')!.children).filter(({attributes}) => attributes.role === 'row').length - 1
    expect(rowsOf(model)).toBe(15)
    expect(textById(model, 'jobs')).toContain('Show 25 more')
    expect(rowsOf(following(model, {type: 'all-jobs-wanted'}))).toBe(40)
  })
})

describe('a person', () => {
  test('sees the job that runs until another one is opened', () => {
    const model = looked()
    expect(shownJob(model)).toBe(bigJob)
    const other = model.monitor.snapshot!.jobs.find(({state}) => state === 'failed')!.job
    const opened = following(model, {type: 'job-picked', job: other})
    expect(shownJob(opened)).toBe(other)
    expect(opened.monitor.isPollWanted).toBe(true)
    expect(requestOf(opened.monitor).job).toBe(other)
    const snapshot = fakeSnapshot(9, requestOf(opened.monitor))
    expect(shownJob(following(opened, {type: 'snapshot', snapshot, nowMs: startedAtMs + 9000}))).toBe(other)
  })

  test('sorts a list by a column, the other way round, and not at all', () => {
    const names = (model: WebModel): unknown[] =>
      model.monitor.lists.nodes.rows.map(row => (row as {name: string}).name)
    const sort: Action = {type: 'sorted', pane: 'nodes', column: 0}
    const orderOf = (model: WebModel): unknown =>
      all(byId(model, 'nodes')!.children).find(({attributes}) => attributes['aria-sort'] !== undefined)?.attributes[
        'aria-sort'
      ]
    const once = following(looked(), sort)
    expect([names(once)[0], orderOf(once)]).toEqual(['web1', 'ascending'])
    const twice = following(once, sort)
    expect([names(twice)[0], orderOf(twice)]).toEqual(['web4', 'descending'])
    expect(orderOf(following(twice, sort))).toBeUndefined()
  })

  test('finds jobs by a word, and reads that there are none', () => {
    expect(textById(following(looked(), {type: 'filtered', text: 'PROBE'}), 'jobs')).toMatch(/probe@/)
    expect(textById(following(looked(), {type: 'filtered', text: 'x-y-z'}), 'jobs')).toContain(
      'none of them has this text',
    )
  })

  test('is asked for a token when the node refuses, and sees nothing of the cluster then', () => {
    const refused = following(looked(), {type: 'refused', text: 'this needs a token'})
    const text = pageView(refused).map(textOf).join(' ')
    expect(text).toContain('this needs a token')
    expect(text).not.toMatch(/web1|wordcount/)
    expect(titleOf(refused)).toBe('disco')
    expect(following(refused, {type: 'token-given', token: 'x'}).refusal).toBeUndefined()
  })

  test('who has the token forgotten leaves nothing behind', () => {
    const forgotten = following(looked(), {type: 'token-forgotten'})
    expect(JSON.stringify(forgotten)).not.toMatch(/web1|wordcount/)
    expect(forgotten.hasToken).toBe(false)
  })

  test('jumps over what comes before each part', () => {
    const [skip] = pageView(following(looked(), {type: 'rules', rules}))
    const targets = all(skip!.children).flatMap(({attributes: {href}}) => (href === undefined ? [] : [String(href)]))
    expect(targets).toEqual(['#main', '#nodes', '#jobs', '#job', '#rules', '#storage'])
    const ids = new Set(elements(following(looked(), {type: 'rules', rules})).map(({attributes: {id}}) => `#${id}`))
    expect(targets.filter(target => !ids.has(target))).toEqual([])
  })
})

describe('text of strangers', () => {
  const evil = '<img src=x onerror=alert(1)>\u202e\u001b[31m"\'&'

  test('stands in texts and labels only, without control characters', () => {
    const model = looked(3, {nameSuffix: evil, warnings: [evil]})
    for (const element of elements(model)) {
      for (const [name, value] of Object.entries(element.attributes)) {
        if (name !== 'aria-label') expect(String(value)).not.toContain('onerror')
        expect(String(value)).not.toMatch(/[\u0000-\u001f\u202e]/)
      }
    }
    const text = pageView(model).map(textOf).join(' ')
    expect(text).toContain('<img src=x onerror=alert(1)>')
    expect(text).not.toMatch(/[\u0000-\u001f\u202e]/)
  })

  test('never becomes an address', () => {
    const model = looked(3, {nameSuffix: 'javascript:alert(1)'})
    const hrefs = elements(model).flatMap(({attributes: {href}}) => (href === undefined ? [] : [String(href)]))
    expect(hrefs.every(href => /^#[a-z]+$/.test(href))).toBe(true)
  })
})

test('a snapshot without jobs or nodes can be shown', () => {
  const snapshot: Snapshot = {...fakeSnapshot(1, {eventsAfter: -1}), jobs: [], nodes: [], running: []}
  const model = following(start, {type: 'snapshot', snapshot, nowMs: startedAtMs})
  expect(textById(model, 'jobs')).toContain('there are no jobs')
  expect(textById(model, 'nodes')).toContain('there are no nodes')
  expect(byId(model, 'job')).toBeUndefined()
})
