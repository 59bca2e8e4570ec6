/** The flags of other commands that stand for settings: `inferno settings` takes them to show what would hold with them. */
import {clusterFlags} from './cluster-flags.ts'
import {daemonFlags, stateFlags} from './daemon/state-flags.ts'
import {outputFlags, ruleFlags, scanFlags, sinkFlags, tagRunFlags} from './run-flags.ts'

const {engine, 'max-bad': maxBad, threads, memory} = scanFlags

export const settingFlags = {
  settings: ruleFlags.settings,
  'rules-directory': ruleFlags['rules-directory'],
  param: ruleFlags.param,
  threads,
  memory,
  engine,
  'max-bad': maxBad,
  format: outputFlags.format,
  out: outputFlags.out,
  'no-cache': tagRunFlags['no-cache'],
  ...sinkFlags,
  ...clusterFlags,
  state: stateFlags.state,
  ...daemonFlags,
}
