/** What each key does. Lists are refreshed and scrolled by the caller. */
import {isOver} from './facts.ts'
import {helpText} from './help.ts'
import type {KeyName} from './keys.ts'
import {bodyRows, panePlaces} from './layout.ts'
import {noteMs} from './limits.ts'
import type {MonitorModel, Order, PaneName, Screen, TextScreen} from './model.ts'
import {focusOf, openJob, panesOf, screenOf, taskViews, withList} from './model.ts'
import {nextSortColumn, paneSpecs, selectedRow, selection} from './panes.ts'
import {rowText} from './row-text.ts'
import type {MonitorJob, NodeInfo, StageInfo} from './source.ts'

/** Who has the keyboard, first to last: Ctrl-C, a question, a filter that is typed, the screen. */
export function modelAfterKey(model: MonitorModel, key: KeyName): MonitorModel {
  if (key === 'ctrl-c') return {...model, isQuitting: true}
  if (model.question !== undefined) return answered(model, model.question, key)
  if (model.typingIn !== undefined) return typed(model, model.typingIn, key)
  const screen = screenOf(model)
  return screen.type === 'text' ? readingText(model, screen, key) : onLists(model, screen.pane, key)
}

/** Only `y` is a yes: a key that was meant for something else must not kill a job. */
function answered(model: MonitorModel, order: Order, key: KeyName): MonitorModel {
  const {question: _, ...rest} = model
  return key === 'char:y' || key === 'char:Y' ? {...rest, order} : noted(rest, `${order.job} was not killed`)
}

function typed(model: MonitorModel, pane: PaneName, key: KeyName): MonitorModel {
  const {filter} = model.lists[pane]
  if (key === 'enter') return {...model, typingIn: undefined}
  if (key === 'escape') return {...withList(model, pane, {filter: ''}), typingIn: undefined}
  if (key === 'backspace') return withList(model, pane, {filter: Array.from(filter).slice(0, -1).join('')})
  if (key === 'ctrl-u') return withList(model, pane, {filter: ''})
  if (key.startsWith('char:')) return withList(model, pane, {filter: filter + key.slice('char:'.length)})
  return moved(model, pane, key) ?? model
}

function readingText(model: MonitorModel, screen: TextScreen, key: KeyName): MonitorModel {
  if (key === 'escape' || key === 'char:q' || key === 'char:?' || key === 'enter') {
    return {...model, screens: model.screens.slice(0, -1)}
  }
  const last = Math.max(0, screen.lines.length - bodyRows(model))
  const wanted = targetOf(key, screen.top, bodyRows(model), last)
  if (wanted === undefined) return model
  return {...model, screens: [...model.screens.slice(0, -1), {...screen, top: Math.max(0, Math.min(last, wanted))}]}
}

/** Where a key for moving leads to; undefined for other keys. */
function targetOf(key: KeyName, from: number, page: number, last: number): number | undefined {
  switch (key) {
    case 'up':
    case 'char:k':
      return from - 1
    case 'down':
    case 'char:j':
      return from + 1
    case 'page-up':
      return from - Math.max(1, page - 1)
    case 'page-down':
      return from + Math.max(1, page - 1)
    case 'home':
    case 'char:g':
      return 0
    case 'end':
    case 'char:G':
      return last
    default:
      return undefined
  }
}

function moved(model: MonitorModel, pane: PaneName, key: KeyName): MonitorModel | undefined {
  const list = model.lists[pane]
  const page = panePlaces(model).find(place => place.pane === pane)?.rowCount ?? 1
  const last = list.rows.length - 1
  const wanted = targetOf(key, list.index, page, last)
  if (wanted === undefined) return undefined
  const cursor = selection(paneSpecs[pane], list.rows, wanted)
  const next = withList(model, pane, cursor)
  return pane === 'events' ? {...next, isFollowing: cursor.index >= last} : next
}

function onLists(model: MonitorModel, pane: PaneName, key: KeyName): MonitorModel {
  const isTyping = key.startsWith('char:')
  const list = model.lists[pane]
  switch (key) {
    case 'char:q':
      return {...model, isQuitting: true}
    case 'char:?':
      return opened(model, {type: 'text', title: 'disco monitor: keys', lines: helpText(model.columns), top: 0})
    case 'tab':
      return withFocus(model, 1)
    case 'back-tab':
      return withFocus(model, -1)
    case 'enter':
      return entered(model, pane)
    case 'escape':
      return takenBack(model, pane)
    case 'char:/':
      return {...model, typingIn: pane}
    case 'char:s':
      return withList(model, pane, {sortColumn: nextSortColumn(paneSpecs[pane], list.sortColumn)})
    case 'char:S':
      return withList(model, pane, {isReversed: !list.isReversed})
    case 'char:p':
      return withJob(model, job => pausedOrResumed(model, job))
    case 'char:K':
    case 'char:x':
      return withJob(model, job => asked(model, job))
    case 'char:f':
      return {...model, isFollowing: !model.isFollowing}
    default: {
      const view = isTyping ? taskViews[Number(key.slice('char:'.length)) - 1] : undefined
      if (view !== undefined && screenOf(model).type === 'job') {
        const next = withList({...model, taskView: view}, 'tasks', {index: 0, top: 0, selectedKey: undefined})
        return withPane(next, 'tasks')
      }
      return moved(model, pane, key) ?? model
    }
  }
}

function opened(model: MonitorModel, screen: Screen): MonitorModel {
  return {...model, screens: [...model.screens, screen]}
}

function withPane(model: MonitorModel, pane: PaneName): MonitorModel {
  const screen = screenOf(model)
  return screen.type === 'text' ? model : {...model, screens: [...model.screens.slice(0, -1), {...screen, pane}]}
}

function withFocus(model: MonitorModel, step: number): MonitorModel {
  const screen = screenOf(model)
  if (screen.type === 'text') return model
  const panes: readonly PaneName[] = panesOf[screen.type]
  return withPane(model, panes[(panes.indexOf(screen.pane) + step + panes.length) % panes.length]!)
}

function entered(model: MonitorModel, pane: PaneName): MonitorModel {
  const row = selectedRow(model, pane)
  if (row === undefined) return model
  switch (pane) {
    case 'jobs':
      return withOpenJob(model, (row as MonitorJob).job)
    case 'runs':
      return withOpenJob(model, (row as {readonly job: string}).job)
    case 'nodes':
      return opened(model, {type: 'node', node: (row as NodeInfo).name, pane: 'runs'})
    case 'stages': {
      const {name} = row as StageInfo
      const next = {...model, taskStage: model.taskStage === name ? undefined : name}
      return withPane(next, 'tasks')
    }
    case 'tasks':
    case 'events':
      return opened(model, {type: 'text', ...rowText(model, pane, row), top: 0})
  }
}

/** A job starts with everything as nobody has touched it yet, and is looked at now, not in a second. */
function withOpenJob(model: MonitorModel, job: string): MonitorModel {
  const isSame = model.detail?.info.job === job
  const fresh = isSame ? {} : {detail: undefined, events: []}
  const state = {taskStage: undefined, taskView: 'all', isFollowing: true, isPollWanted: true} as const
  return opened({...model, ...fresh, ...state}, {type: 'job', job, pane: 'tasks'})
}

function takenBack(model: MonitorModel, pane: PaneName): MonitorModel {
  if (model.lists[pane].filter !== '') return withList(model, pane, {filter: ''})
  if (model.taskStage !== undefined && screenOf(model).type === 'job') return {...model, taskStage: undefined}
  return model.screens.length > 1 ? {...model, screens: model.screens.slice(0, -1)} : model
}

/** The job that `p` and `K` mean: the open one, or the one under the cursor. */
function withJob(model: MonitorModel, change: (job: MonitorJob) => MonitorModel): MonitorModel {
  const name = openJob(model)
  const pane = focusOf(model)
  const row = pane === 'jobs' || pane === 'runs' ? (selectedRow(model, pane) as {job: string} | undefined) : undefined
  const wanted = name ?? row?.job
  const job =
    model.detail?.info.job === wanted ? model.detail?.info : model.snapshot?.jobs.find(({job}) => job === wanted)
  if (job === undefined) return noted(model, 'put the cursor on a job first')
  return isOver(job) ? noted(model, `${job.job} is ${job.state} already`) : change(job)
}

function pausedOrResumed(model: MonitorModel, {job, state}: MonitorJob): MonitorModel {
  return {...model, order: {order: state === 'paused' ? 'resume' : 'pause', job}}
}

function asked(model: MonitorModel, {job}: MonitorJob): MonitorModel {
  return {...model, question: {order: 'kill', job}}
}

function noted(model: MonitorModel, text: string): MonitorModel {
  return {...model, note: {text, isBad: false, untilMs: model.nowMs + noteMs}}
}
