/** One job in full: its numbers, its stages, what happened to it. */
import {headerLines} from '../../ui/monitor/header.ts'
import type {JobEventInfo, StageInfo} from '../../ui/monitor/source.ts'
import {clockText, oneLine} from '../../ui/monitor/words.ts'
import {stageBar} from './bars.ts'
import {type Element, el} from './element.ts'
import {shownJob, type WebModel} from './model.ts'
import {paneTable} from './table.ts'

/** Newest events that are shown; the rest is in `disco events`. */
const eventShownCountMax = 100

/** @returns undefined as long as there is no job; a line that says so while the cluster has not told of the job yet */
export function jobSection(model: WebModel): Element | undefined {
  const {monitor} = model
  const job = shownJob(model)
  if (job === undefined) return undefined
  const lines = headerLines(monitor).slice(monitor.connection.state === 'up' ? 0 : 1)
  const isKnown = monitor.detail?.info.job === job
  return el(
    'section',
    {id: 'job', key: 'job', tabindex: -1, 'aria-labelledby': 'job-title'},
    el('h2', {id: 'job-title'}, 'Job in full'),
    ...lines.map(({text, style}) => el('p', {class: `told${style === undefined ? '' : ` is-${style}`}`}, text)),
    ...(isKnown
      ? [stagesView(model), el('h3', {id: 'events-title'}, 'Events'), eventsView(model)]
      : [el('p', {class: 'empty'}, 'asking the cluster …')]),
  )
}

const stagesView = ({monitor}: WebModel): Element =>
  paneTable(monitor, {
    pane: 'stages',
    caption: 'Stages of the job',
    without: ['HELD', 'SKEW', 'CPU', 'GROUPING'],
    cells: {'': (stage: StageInfo) => [stageBar(stage)]},
  })

/** Newest first: what is new is in sight. */
function eventsView({monitor}: WebModel): Element {
  const events = monitor.events.slice(-eventShownCountMax).toReversed()
  if (events.length === 0) return el('p', {class: 'empty'}, 'nothing has happened yet')
  return el(
    'ol',
    {class: 'events', tabindex: 0, 'aria-labelledby': 'events-title'},
    ...events.map(event => eventView(event, monitor.facts.zoneOffsetMinutes)),
  )
}

const eventStyles: Readonly<Partial<Record<JobEventInfo['kind'], string>>> = {
  warning: 'is-yellow',
  error: 'is-red',
}

function eventView({number, atMs, kind, source, text}: JobEventInfo, zoneOffsetMinutes: number): Element {
  return el(
    'li',
    {key: String(number)},
    el('time', {}, clockText(atMs, zoneOffsetMinutes)),
    el('span', {class: eventStyles[kind] ?? 'is-dim'}, kind),
    el('span', {class: 'is-dim'}, oneLine(source)),
    el('span', {class: eventStyles[kind]}, oneLine(text)),
  )
}
