/** Telling people: a notice is saved with what it is about, and dropped when it is sent or given up. */
import type {Notice} from '../notify/index.ts'
import type {RuleDefinition} from './definition.ts'
import type {DaemonState, Effects} from './state.ts'

/** The channels are chosen by what the rule wishes for, when it is sent. */
export function tell(state: DaemonState, definition: RuleDefinition, notice: Notice, effects: Effects): void {
  const id = state.nextNotice++
  effects.push(
    {type: 'save-notice', notice: {id, rule: notice.rule, notice: JSON.stringify(notice)}},
    {type: 'notify', id, notice, wishes: definition.notify},
  )
}

/** What an earlier daemon did not get out. Of a rule that is gone nobody knows whom to tell. */
export function tellUnsent(state: DaemonState, effects: Effects): void {
  for (const {id, rule, notice} of state.unsent.splice(0)) {
    const definition = state.rules.get(rule)?.definition
    if (definition === undefined) effects.push({type: 'drop-notice', id})
    else effects.push({type: 'notify', id, notice: JSON.parse(notice) as Notice, wishes: definition.notify})
  }
}
