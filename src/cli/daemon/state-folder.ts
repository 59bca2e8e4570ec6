/** Where a daemon keeps its state, and the state that it left. */
import {createHash} from 'node:crypto'
import {existsSync, realpathSync} from 'node:fs'
import {basename, join, resolve} from 'node:path'
import {didYouMean, UserError} from '../../base/index.ts'
import {homePaths, loadSettings, type Settings} from '../../client/index.ts'
import {hasRuleState, type KnownRule, openRuleState, type RuleState} from '../../storage/index.ts'
import type {StateFlags} from './state-flags.ts'

export interface DaemonFolders {
  /** Absolute paths. */
  readonly rulesFolder: string
  readonly stateFolder: string
  readonly settings: Settings
}

/** A folder of rules has one state, from wherever and however it is named. */
export async function daemonFolders(flags: StateFlags): Promise<DaemonFolders> {
  const settings = await loadSettings(flags.settings)
  const named = resolve(flags['rules-directory'])
  const rulesFolder = existsSync(named) ? realpathSync(named) : named
  const key = createHash('sha256').update(rulesFolder).digest('hex').slice(0, 16)
  const name = `${basename(rulesFolder).replace(/[^\w.-]/g, '_')}-${key}`
  const stateFolder = resolve(flags.state ?? join(homePaths(flags.home).home, 'rules', name))
  return {rulesFolder, stateFolder, settings}
}

/**
 * Opens the state of a daemon that worked here; the caller closes it.
 *
 * @throws UserError NOT_RUNNING when none ever did
 */
export async function openState(flags: StateFlags): Promise<{state: RuleState; stateFolder: string}> {
  const {stateFolder, rulesFolder} = await daemonFolders(flags)
  if (hasRuleState(stateFolder)) return {state: await openRuleState(stateFolder), stateFolder}
  throw new UserError('NOT_RUNNING', `no daemon has worked with the rules in ${rulesFolder} yet`, {
    hint: `start one with: inferno daemon -y ${rulesFolder}; or name its folder with --state`,
  })
}

/** @throws UserError RULE_NOT_FOUND with the nearest name */
export function assertKnown(rule: string, known: readonly KnownRule[]): void {
  const names = known.map(({name}) => name)
  if (names.includes(rule)) return
  throw new UserError('RULE_NOT_FOUND', `the daemon has no rule "${rule}".${didYouMean(rule, names)}`, {
    hint: names.length === 0 ? 'only rules of files with AUTORUN are its own' : 'see its rules with: inferno status',
    exitCode: 2,
  })
}
