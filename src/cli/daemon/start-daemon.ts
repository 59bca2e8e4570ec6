/** `inferno daemon`: flags to options. */
import {UserError} from '../../base/index.ts'
import {type DaemonOptions, readerNodeOptions, runDaemon} from '../../daemon/index.ts'
import {launcher} from '../../product/index.ts'
import type {StateFlags} from './state-flags.ts'
import {daemonFolders} from './state-folder.ts'

export interface DaemonFlags extends StateFlags {
  readonly 'start-paused': boolean
  readonly concurrent: number
  readonly wait: boolean
  readonly grace: number
  readonly runner?: string | undefined
  readonly master?: string | undefined
  readonly token?: string | undefined
  readonly ca?: string | undefined
}

const dayMs = 24 * 3600 * 1000

/** Works until it is stopped. @throws UserError CANNOT_START, RULE_NOT_FOUND, BAD_FLAG */
export async function startDaemon(flags: DaemonFlags): Promise<void> {
  const {rulesFolder, stateFolder, settings} = await daemonFolders(flags)
  const options: DaemonOptions = {
    rulesFolder,
    stateFolder,
    isPaused: flags['start-paused'],
    concurrentMax: flags.concurrent,
    waits: flags.wait,
    graceMs: flags.grace * 1000,
    runner: flags.runner === undefined ? [...launcher(), 'inferno'] : wordsOf(flags.runner),
    reader: [...launcher(readerNodeOptions), 'inferno', 'daemon', '--read-rules', ...settingsArguments(flags)],
    env: environmentOf(flags),
    notify: settings.notify ?? {},
    historyMs: settings.daemon?.historyDays === undefined ? undefined : settings.daemon.historyDays * dayMs,
  }
  await runDaemon(options)
}

/** By the environment and not by flags: a token would stand in the list of processes. */
function environmentOf({master, home, token, ca, settings}: DaemonFlags): Record<string, string> {
  const given = {
    DISCO_MASTER: master,
    DISCO_HOME: home,
    DISCO_TOKEN: token,
    DISCO_CA: ca,
    DISCO_INFERNO_SETTINGS: settings,
  }
  return Object.fromEntries(Object.entries(given).filter((entry): entry is [string, string] => entry[1] !== undefined))
}

/** What the settings say of rules that say nothing: the process that reads them needs it. */
const settingsArguments = ({settings}: DaemonFlags): string[] => (settings === undefined ? [] : ['-e', settings])

function wordsOf(text: string): string[] {
  const words = text.split(' ').filter(word => word !== '')
  if (words.length > 0) return words
  throw new UserError('BAD_FLAG', '--runner is empty', {exitCode: 2})
}
