/** Flags of the commands that work with a rule daemon. */
import {Flags} from '@oclif/core'
import {ruleFlags} from '../run-flags.ts'

export const stateFlags = {
  'rules-directory': ruleFlags['rules-directory'],
  settings: ruleFlags.settings,
  state: Flags.string({
    description: 'folder of the daemon; without it one in the home folder, for each folder of rules another',
    env: 'DISCO_INFERNO_STATE',
    helpValue: 'DIR',
  }),
  home: Flags.string({
    description: 'home folder of the cluster on this machine',
    env: 'DISCO_HOME',
    helpValue: 'DIR',
    helpGroup: 'CLUSTER',
  }),
}

/** How a daemon works. */
export const daemonFlags = {
  concurrent: Flags.integer({
    description: 'rules that run at the same time',
    // One can wait for a database while another scans.
    default: 2,
    min: 1,
    max: 64,
    env: 'DISCO_INFERNO_CONCURRENT',
    helpValue: 'N',
  }),
  grace: Flags.integer({
    description: 'at the end, runs get so long before they are ended, too',
    default: 60,
    min: 0,
    env: 'DISCO_INFERNO_GRACE',
    helpValue: 'SECONDS',
  }),
}

export interface StateFlags {
  readonly 'rules-directory': string
  readonly settings?: string | undefined
  readonly state?: string | undefined
  readonly home?: string | undefined
}
