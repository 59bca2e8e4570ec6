/** Which engine runs a rule: what was typed, else what the rule says, else the settings. */
import {engineText, UserError} from '../base/index.ts'
import type {Settings} from '../client/index.ts'
import type {EngineChoice} from '../engine/index.ts'
import type {Rule} from '../rules/index.ts'

export type ChosenEngine =
  | {readonly type: 'here'; readonly choice: EngineChoice}
  /** `address` as it was written, with its secrets. */
  | {readonly type: 'clickhouse'; readonly address: string}

/** @throws UserError BAD_FLAG for what was typed and is no engine */
export function engineOf(
  flag: string | undefined,
  rule: Pick<Rule, 'options'>,
  settings: Pick<Settings, 'engine'>,
): ChosenEngine {
  const text = flag ?? rule.options.engine ?? settings.engine ?? 'auto'
  if (!engineText.test(text)) {
    // What follows the first sign may be an address with a password.
    throw new UserError('BAD_FLAG', `--engine ${text.replace(/=.*$/s, '=…')} is no engine`, {
      hint: 'the engines are: auto, row, and clickhouse=ADDRESS, for example clickhouse=http://USER:$PASSWORD@HOST:8123/DATABASE',
      exitCode: 2,
    })
  }
  if (text === 'auto' || text === 'row') return {type: 'here', choice: text}
  return {type: 'clickhouse', address: text.slice('clickhouse='.length)}
}
