/** The whole page, from its model. Pure. */
import {formatBytes, groupDigits} from '../../base/index.ts'
import {headerLines} from '../../ui/monitor/header.ts'
import type {MonitorJob, Snapshot} from '../../ui/monitor/source.ts'
import {safeText} from '../../ui/monitor/terminal-text.ts'
import {agoText, counted, oneLine} from '../../ui/monitor/words.ts'
import {diskBar, stageBars} from './bars.ts'
import {type Element, el} from './element.ts'
import {jobSection} from './job.ts'
import {shownJob, type WebModel} from './model.ts'
import {rulesSection} from './rules.ts'
import {storageSection} from './storage.ts'
import {paneTable} from './table.ts'

/** Jobs that are shown before a person asks for all. */
const jobShownCount = 15

/** All that the body holds. While a token is asked for there is its form only, and nothing of what was seen before. */
export function pageView(model: WebModel): readonly Element[] {
  const {snapshot} = model.monitor
  const isAsking = model.refusal !== undefined
  const sections =
    isAsking || snapshot === undefined
      ? []
      : [
          attentionSection(snapshot),
          summarySection(snapshot),
          nodesSection(model),
          jobsSection(model),
          jobSection(model),
          rulesSection(model.rules),
          storageSection(snapshot),
        ].filter(section => section !== undefined)
  return [
    skipLinks(sections),
    headView(model),
    el(
      'main',
      {id: 'main', tabindex: -1, key: 'main'},
      ...(isAsking ? [tokenForm(model)] : sections),
      !isAsking && snapshot === undefined ? el('p', {class: 'empty'}, waitText(model)) : undefined,
    ),
    footView(model),
  ]
}

/** Title of the window: what is wrong comes first, as tabs are narrow. */
export function titleOf({monitor: {snapshot, connection}, refusal}: WebModel): string {
  if (refusal !== undefined || snapshot === undefined) return 'disco'
  const {upCount, nodeCount, warnings} = snapshot.cluster
  const bad = connection.state === 'lost' ? 'no answer · ' : warnings.length > 0 ? `(${warnings.length}) ` : ''
  return `${bad}disco · ${upCount}/${nodeCount} nodes`
}

/** Said aloud by screen readers when it changes; so it has no number that changes all the time. */
export function announcementOf({monitor: {snapshot, connection}, refusal, isPaused}: WebModel): string {
  if (refusal !== undefined) return ''
  if (connection.state === 'lost') return 'No answer from the cluster'
  if (snapshot === undefined) return ''
  const count = snapshot.cluster.warnings.length
  return [isPaused ? 'Updates are paused' : '', count === 0 ? '' : counted(count, 'warning')].filter(Boolean).join('. ')
}

function waitText({monitor}: WebModel): string {
  return monitor.connection.state === 'up' ? 'asking the cluster …' : 'the cluster has not answered yet'
}

const sectionNames: Readonly<Record<string, string>> = {
  nodes: 'Nodes',
  jobs: 'Jobs',
  job: 'Job in full',
  rules: 'Rules',
  storage: 'Storage',
}

function skipLinks(sections: readonly Element[]): Element {
  const links = sections.flatMap(({attributes: {id}}) =>
    id === undefined || sectionNames[id] === undefined
      ? []
      : [el('li', {key: String(id)}, el('a', {href: `#${id}`}, sectionNames[id]))],
  )
  return el(
    'nav',
    {class: 'skip', key: 'skip', 'aria-label': 'Parts of the page'},
    el('ul', {}, el('li', {key: 'main'}, el('a', {href: '#main'}, 'Skip to the content')), ...links),
  )
}

function headView(model: WebModel): Element {
  const {monitor, isPaused, hasToken, refusal} = model
  const {snapshot} = monitor
  return el(
    'header',
    {key: 'head'},
    el('h1', {}, 'disco'),
    snapshot === undefined || refusal !== undefined
      ? undefined
      : el('p', {class: 'place'}, safeText(snapshot.cluster.address)),
    stateView(model),
    refusal !== undefined
      ? undefined
      : el(
          'div',
          {class: 'buttons', key: 'buttons'},
          el(
            'button',
            {
              type: 'button',
              'aria-pressed': String(isPaused),
              on: {click: () => ({type: 'paused', isPaused: !isPaused})},
            },
            'Pause',
          ),
          hasToken
            ? el('button', {type: 'button', on: {click: () => ({type: 'token-forgotten'})}}, 'Forget token')
            : undefined,
        ),
  )
}

function stateView({monitor, isPaused, refusal}: WebModel): Element | undefined {
  if (refusal !== undefined) return undefined
  if (monitor.connection.state === 'lost') {
    return el('p', {class: 'state lost', key: 'state'}, headerLines(monitor)[0]?.text ?? 'NO ANSWER')
  }
  if (isPaused) return el('p', {class: 'state paused', key: 'state'}, 'paused')
  return el('p', {class: 'state live', key: 'state'}, monitor.snapshot === undefined ? 'asking' : 'live')
}

function attentionSection({cluster: {warnings}}: Snapshot): Element | undefined {
  if (warnings.length === 0) return undefined
  return el(
    'section',
    {id: 'attention', key: 'attention', class: 'attention', 'aria-labelledby': 'attention-title'},
    el('h2', {id: 'attention-title'}, 'Needs a look'),
    el('ul', {}, ...warnings.map(warning => el('li', {}, oneLine(warning)))),
  )
}

function summarySection({cluster, jobs, running}: Snapshot): Element {
  const count = (state: MonitorJob['state']): number => jobs.filter(job => job.state === state).length
  const isOneAway = cluster.upCount < cluster.nodeCount
  const tiles: readonly {readonly name: string; readonly text: string; readonly style?: string | undefined}[] = [
    {name: 'Nodes up', text: `${cluster.upCount} of ${cluster.nodeCount}`, style: isOneAway ? 'is-red' : undefined},
    {name: 'Jobs running', text: groupDigits(count('running'))},
    {name: 'Jobs waiting', text: groupDigits(count('queued') + count('paused'))},
    {name: 'Tasks running', text: groupDigits(running.length)},
    {name: 'Free', text: formatBytes(cluster.freeBytes)},
    {name: 'Up', text: agoText(cluster.startedAtMs, cluster.nowMs)},
  ]
  return el(
    'section',
    {id: 'summary', key: 'summary', 'aria-label': 'Summary'},
    el(
      'dl',
      {class: 'tiles'},
      ...tiles.map(({name, text, style}) => el('div', {key: name}, el('dt', {}, name), el('dd', {class: style}, text))),
    ),
  )
}

function nodesSection({monitor}: WebModel): Element {
  return el(
    'section',
    {id: 'nodes', key: 'nodes', tabindex: -1, 'aria-labelledby': 'nodes-title'},
    el('h2', {id: 'nodes-title'}, 'Nodes'),
    paneTable(monitor, {
      pane: 'nodes',
      caption: 'Nodes; the master has a star',
      cells: {DISK: diskBar},
      isSortable: true,
    }),
  )
}

function jobsSection(model: WebModel): Element {
  const {monitor, isAllJobs} = model
  const {rows, totalCount} = monitor.lists.jobs
  const hiddenCount = isAllJobs ? 0 : rows.length - jobShownCount
  const current = shownJob(model)
  return el(
    'section',
    {id: 'jobs', key: 'jobs', tabindex: -1, 'aria-labelledby': 'jobs-title'},
    el('h2', {id: 'jobs-title'}, 'Jobs'),
    totalCount === 0
      ? undefined
      : el(
          'p',
          {class: 'filter', key: 'filter'},
          el('label', {for: 'job-filter'}, 'Filter by name, state or owner'),
          el('input', {
            id: 'job-filter',
            type: 'search',
            autocomplete: 'off',
            on: {input: text => ({type: 'filtered', text})},
          }),
        ),
    paneTable(monitor, {
      pane: 'jobs',
      caption: 'Jobs, newest first',
      without: ['RUN', 'BYTES/S'],
      cells: {STAGES: stageBars, JOB: (job: MonitorJob) => [jobButton(job, job.job === current)]},
      isSortable: true,
      currentKey: current,
      ...(isAllJobs ? {} : {countMax: jobShownCount}),
    }),
    hiddenCount <= 0
      ? undefined
      : el(
          'button',
          {type: 'button', key: 'all', on: {click: () => ({type: 'all-jobs-wanted'})}},
          `Show ${groupDigits(hiddenCount)} more`,
        ),
  )
}

const jobButton = ({job}: MonitorJob, isShown: boolean): Element =>
  el(
    'button',
    {
      type: 'button',
      class: 'name',
      'aria-pressed': String(isShown),
      title: 'show this job in full',
      on: {click: () => ({type: 'job-picked', job})},
    },
    el('bdi', {}, safeText(job)),
  )

function tokenForm({refusal = ''}: WebModel): Element {
  return el(
    'form',
    {class: 'token', key: 'token', on: {submit: token => ({type: 'token-given', token})}},
    el('h2', {}, 'A token, please'),
    el('p', {role: 'alert'}, refusal),
    el('label', {for: 'token'}, 'Token with the scope read'),
    el('input', {id: 'token', type: 'password', autocomplete: 'off', name: 'token'}),
    el('button', {type: 'submit'}, 'Show the cluster'),
    el(
      'p',
      {class: 'is-dim'},
      'An admin makes one with: disco token create NAME --scope read. It is kept in this tab until that is closed, and sent to this node only.',
    ),
  )
}

function footView({monitor: {snapshot}, refusal}: WebModel): Element {
  const version =
    snapshot === undefined || refusal !== undefined ? '' : `version ${safeText(snapshot.cluster.version)} · `
  return el(
    'footer',
    {key: 'foot'},
    el(
      'p',
      {},
      `${version}This page only looks. It asks once a second while it is in sight; jobs are changed with the disco command.`,
    ),
  )
}
