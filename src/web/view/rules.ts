/** Rules and how fresh what they made is. */
import type {RuleActivity, RuleFolder, RuleFolders, RuleInfo} from '../../protocol/index.ts'
import {agoText, oneLine} from '../../ui/monitor/words.ts'
import {durationText} from '../../ui/progress-text.ts'
import {type Element, el, type View} from './element.ts'
import {tableOf} from './table.ts'

const stateStyles: Readonly<Record<RuleActivity, string | undefined>> = {
  running: 'is-green',
  waiting: undefined,
  paused: 'is-yellow',
  retrying: 'is-yellow',
  failed: 'is-red',
}

/** Undefined when there are no rules near this master. */
export function rulesSection(rules: RuleFolders | undefined): Element | undefined {
  const {folders = [], nowMs = 0} = rules ?? {}
  if (folders.length === 0) return undefined
  return el(
    'section',
    {id: 'rules', key: 'rules', tabindex: -1, 'aria-labelledby': 'rules-title'},
    el('h2', {id: 'rules-title'}, 'Rules'),
    ...folders.map(folder => folderView(folder, nowMs, folders.length > 1)),
  )
}

function folderView(folder: RuleFolder, nowMs: number, isOneOfMany: boolean): Element {
  const name = oneLine(folder.folder)
  return el(
    'div',
    {key: folder.folder},
    isOneOfMany ? el('h3', {}, name) : undefined,
    folder.problem === undefined ? undefined : el('p', {class: 'is-red'}, oneLine(folder.problem)),
    folder.isServed || folder.problem !== undefined
      ? undefined
      : el('p', {class: 'is-yellow'}, 'no daemon works here now; start one with: inferno daemon'),
    folder.rules.length === 0
      ? el('p', {class: 'empty'}, 'no automatic rules')
      : tableOf(
          `Rules of ${name}`,
          ['Rule', 'State', 'Freshness', 'Last success', 'Next', 'Schedule', 'Trouble'].map(label =>
            el('th', {role: 'columnheader', scope: 'col'}, label),
          ),
          folder.rules.map(rule => ruleRow(rule, nowMs)),
        ),
  )
}

function ruleRow(rule: RuleInfo, nowMs: number): Element {
  const trouble = [rule.error, rule.problem].filter(text => text !== undefined).map(oneLine)
  return el(
    'tr',
    {key: rule.rule, role: 'row'},
    el('th', {role: 'rowheader', scope: 'row', 'data-label': 'Rule'}, oneLine(rule.rule)),
    cell('State', el('span', {class: stateStyles[rule.state]}, rule.state), retriesText(rule)),
    cell('Freshness', freshness(rule)),
    cell('Last success', rule.lastSuccessMs === undefined ? 'never' : `${agoText(rule.lastSuccessMs, nowMs)} ago`),
    cell('Next', nextText(rule, nowMs)),
    cell('Schedule', oneLine(rule.schedule)),
    cell('Trouble', trouble.length === 0 ? '' : el('span', {class: 'is-red'}, trouble.join(' · '))),
  )
}

const cell = (label: string, ...views: readonly View[]): Element =>
  el(
    'td',
    {role: 'cell', 'data-label': label, class: views.every(view => view === '') ? 'nothing' : undefined},
    ...views,
  )

const retriesText = ({retryCount}: RuleInfo): string => (retryCount === 0 ? '' : ` (retry ${retryCount})`)

function freshness({isStale, maxAgeMs}: RuleInfo): View {
  if (maxAgeMs === undefined) return el('span', {class: 'is-dim'}, 'no limit set')
  const limit = durationText(maxAgeMs)
  return isStale ? el('strong', {class: 'is-red'}, `stale: older than ${limit}`) : `fresh: within ${limit}`
}

function nextText({nextDueMs, state}: RuleInfo, nowMs: number): string {
  if (state === 'running') return 'now'
  if (nextDueMs === undefined) return ''
  return nextDueMs <= nowMs ? 'due' : `in ${durationText(nextDueMs - nowMs)}`
}
