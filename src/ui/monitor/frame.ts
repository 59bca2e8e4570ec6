/** One frame as lines of text: the whole screen of a model. Only rows that are in sight are drawn. */
import {groupDigits} from '../../base/index.ts'
import {styled} from './colours.ts'
import {viewCounts} from './detail-panes.ts'
import {headerLines} from './header.ts'
import {bodyRows, frameRows, isTooSmall, type PanePlace, panePlaces} from './layout.ts'
import {monitorColumnsMin, monitorRowsMin} from './limits.ts'
import type {MonitorModel, PaneName, TextScreen} from './model.ts'
import {focusOf, screenOf, taskViews} from './model.ts'
import {paneSpecs} from './panes.ts'
import {headLine, placeColumns, rowLine} from './table.ts'
import {columnsOf, cutText, safeText} from './terminal-text.ts'

/** @returns exactly `frameRows(model)` lines, none wider than the terminal, with colours if the model has them */
export function frameLines(model: MonitorModel): readonly string[] {
  const {columns, isColor} = model
  if (isTooSmall(model)) return filled([tooSmallText(model)], frameRows(model))
  const header = headerLines(model).map(({text, style}) => styled(cutText(text, columns), style, isColor))
  const body = filled(bodyLines(model), bodyRows(model))
  return [...header, ...body, footerLine(model)]
}

function filled(lines: readonly string[], count: number): string[] {
  return Array.from({length: count}, (_, index) => lines[index] ?? '')
}

function tooSmallText({columns, rows}: MonitorModel): string {
  return cutText(`${columns}x${rows} is too small, min ${monitorColumnsMin}x${monitorRowsMin} · q quits`, columns)
}

function bodyLines(model: MonitorModel): string[] {
  const screen = screenOf(model)
  if (screen.type === 'text') {
    return screen.lines.slice(screen.top, screen.top + bodyRows(model)).map(line => cutText(line, model.columns))
  }
  return panePlaces(model).flatMap(place => paneLines(model, place))
}

/** A list with its title and its head, `rowCount` rows high. */
export function paneLines(model: MonitorModel, {pane, rowCount}: PanePlace): string[] {
  const {columns, isColor, facts} = model
  const spec = paneSpecs[pane]
  const list = model.lists[pane]
  const isFocused = focusOf(model) === pane
  const placed = placeColumns(spec.columnsFor?.(model) ?? spec.columns, columns)
  const sortedBy = list.sortColumn === undefined ? undefined : spec.columns[list.sortColumn]
  const sorted = sortedBy && {
    title: sortedBy.title,
    isDescending: (sortedBy.isDescending === true) !== list.isReversed,
  }
  const lines = [
    titleLine(model, pane, rowCount, isFocused),
    styled(cutText(headLine(placed, sorted), columns), 'dim', isColor),
  ]
  if (list.rows.length === 0) {
    const text = list.totalCount === 0 ? spec.emptyText : 'nothing passes the filter'
    return filled([...lines, styled(cutText(`  ${text}`, columns), 'dim', isColor)], rowCount + 2)
  }
  const end = Math.min(list.rows.length, list.top + rowCount)
  for (let index = list.top; index < end; index++) {
    lines.push(rowLine(placed, list.rows[index], facts, {isSelected: index === list.index, isFocused, isColor}))
  }
  return filled(lines, rowCount + 2)
}

/** `── jobs 12 of 40 ──── /word ── 3-9 ──` */
function titleLine(model: MonitorModel, pane: PaneName, rowCount: number, isFocused: boolean): string {
  const {columns, isColor, lists} = model
  const list = lists[pane]
  const count = groupDigits(list.rows.length)
  const of = list.rows.length === list.totalCount ? count : `${count} of ${groupDigits(list.totalCount)}`
  const parts = [`${paneSpecs[pane].title} ${of}`]
  if (pane === 'tasks') parts.push(...taskTitles(model))
  if (pane === 'events' && model.isFollowing) parts.push('following')
  if (list.filter !== '' || model.typingIn === pane) parts.push(`/${safeText(list.filter)}`)
  const place =
    list.rows.length > rowCount
      ? ` ${groupDigits(list.top + 1)}-${groupDigits(Math.min(list.rows.length, list.top + rowCount))} ──`
      : ''
  const edge = isFocused ? '━━' : '──'
  const text = cutText(`${edge} ${parts.join(' · ')} `, columns - place.length)
  const line = text + edge[0]!.repeat(Math.max(0, columns - columnsOf(text) - place.length)) + place
  return styled(line, isFocused ? 'bold' : 'dim', isColor)
}

function taskTitles(model: MonitorModel): string[] {
  const counts = viewCounts(model)
  const views = taskViews.map((view, index) => {
    const text = `${index + 1}:${view === 'slowest' ? view : `${view} ${groupDigits(counts[view])}`}`
    return view === model.taskView ? `[${text}]` : text
  })
  const stage = model.taskStage === undefined ? [] : [`stage ${safeText(model.taskStage)}`]
  return [...stage, views.join(' ')]
}

function footerLine(model: MonitorModel): string {
  const {columns, isColor, question, typingIn, note} = model
  if (question !== undefined) {
    const text = `kill ${safeText(question.job)}? Its tasks are stopped and it does not go on.  y: kill  n: no`
    return styled(fitQuestion(text, columns), 'red', isColor)
  }
  if (typingIn !== undefined) {
    const text = `/${safeText(model.lists[typingIn].filter)}_   enter: keep  esc: end`
    return styled(cutText(text, columns), 'cyan', isColor)
  }
  if (note !== undefined) return styled(cutText(safeText(note.text), columns), note.isBad ? 'red' : 'cyan', isColor)
  return styled(hintText(model), 'dim', isColor)
}

/** The answers must be readable whatever the name is. */
function fitQuestion(text: string, columns: number): string {
  const answers = '  y: kill  n: no'
  return columnsOf(text) <= columns ? text : cutText(text.slice(0, -answers.length), columns - answers.length) + answers
}

/** `1-22 of 27`: whether there is more. */
function placeText({lines, top}: TextScreen, rowCount: number): string {
  return `${top + 1}-${Math.min(lines.length, top + rowCount)} of ${lines.length}`
}

/** As many hints as there is room for, the least known first. */
function hintText(model: MonitorModel): string {
  const screen = screenOf(model)
  const hints =
    screen.type === 'text'
      ? [placeText(screen, bodyRows(model)), 'esc back', 'j k scroll']
      : [
          '? help',
          'q quit',
          ...(screen.type === 'overview' ? [] : ['esc back']),
          'enter open',
          'tab next list',
          '/ filter',
          's sort',
          ...(screen.type === 'node' ? [] : ['p pause', 'K kill']),
          ...(screen.type === 'job' ? ['1-6 tasks', 'f follow'] : []),
        ]
  let text = ''
  for (const hint of hints) {
    const longer = text === '' ? hint : `${text}  ${hint}`
    if (columnsOf(longer) > model.columns) break
    text = longer
  }
  return text
}
