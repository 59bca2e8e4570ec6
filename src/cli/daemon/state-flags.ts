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

export interface StateFlags {
  readonly 'rules-directory': string
  readonly settings?: string | undefined
  readonly state?: string | undefined
  readonly home?: string | undefined
}
