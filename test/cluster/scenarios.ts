/** What is tried on real processes, by name, with its size in a submission. */
import {bitRot} from './bit-rot.ts'
import {collection} from './collection.ts'
import {diskFull} from './disk-full.ts'
import {workersMisbehave} from './jobs/bad-workers.ts'
import {masterKilledAtStates} from './jobs/master-states.ts'
import {rulesKilled, rulesOverDirt} from './jobs/rules-scenarios.ts'
import {jobLives, jobsOfMoreKinds, killedInJobs, masterKilledAnywhere} from './jobs/scenarios.ts'
import {killedInShuffle, slowNodes} from './jobs/slow-nodes.ts'
import {killSoak} from './kill-soak/soak.ts'
import {masterRestarts, twoMasters} from './masters.ts'
import {nodeLostAndDrained, pushWhileKilled, strangeFolders} from './nodes.ts'
import {databaseFaults} from './rules/database-faults.ts'
import {everythingOnce} from './rules/everything-once.ts'
import {shortOutage} from './rules/short-outage.ts'
import {daemonKilledAtSteps} from './rules/steps/daemon-steps.ts'
import {encrypted, starting} from './starting.ts'

export interface Sizes {
  readonly seed: number
  readonly kills: number
  readonly pushes: number
  readonly flips: number
  readonly rounds: number
}

export type Counts = Readonly<Record<string, number | string>>

export const scenarios: Readonly<Record<string, (sizes: Sizes) => Promise<Counts>>> = {
  'kill-soak-2': ({seed, kills, pushes}) =>
    killSoak({seed, killCount: Math.ceil(kills / 2), pushCount: Math.ceil(pushes / 2), replicaCount: 2}),
  'kill-soak-3': ({seed, kills, pushes}) =>
    killSoak({seed: seed + 1, killCount: Math.floor(kills / 2), pushCount: Math.floor(pushes / 2), replicaCount: 3}),
  'master-restarts': masterRestarts,
  'two-masters': twoMasters,
  'node-lost-and-drained': nodeLostAndDrained,
  'strange-folders': strangeFolders,
  'push-while-killed': pushWhileKilled,
  'bit-rot': ({seed, flips}) => bitRot({seed, flipCount: flips}),
  'disk-full': diskFull,
  collection: ({seed, rounds}) => collection({seed, roundCount: rounds}),
  'killed-in-jobs': killedInJobs,
  'job-lives': jobLives,
  'jobs-of-more-kinds': jobsOfMoreKinds,
  'master-killed-anywhere': masterKilledAnywhere,
  'master-killed-at-states': () => masterKilledAtStates(),
  'killed-in-shuffle': () => killedInShuffle(),
  'slow-nodes': slowNodes,
  'workers-misbehave': () => workersMisbehave(),
  'rules-over-dirt': ({seed, rounds}) => rulesOverDirt({seed, rounds: Math.ceil(rounds / 4)}),
  'rules-killed': ({seed}) => rulesKilled({seed}),
  'everything-once': ({seed, kills}) => everythingOnce({seed, kills: Math.ceil(kills / 2)}),
  'everything-shaken': ({seed, kills}) => everythingOnce({seed, kills: Math.ceil(kills / 3), isShaken: true}),
  'daemon-killed-at-steps': () => daemonKilledAtSteps(),
  'short-outage': shortOutage,
  'database-faults': () => databaseFaults({untilFailed: true}),
  starting,
  encrypted,
}
