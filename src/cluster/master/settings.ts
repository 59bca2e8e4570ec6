/** Settings of a cluster: their names, what they may be, and whom they concern. Times as `90s`, `15m`, `12h`, `7d`; sizes as `200MB`. */
import {didYouMean, parseBytes, UserError} from '../../base/index.ts'
import type {BlobSettings} from '../../ddfs/index.ts'
import {blobSettingsDefault, defaultTagSettings, type TagSettings} from '../../ddfs/index.ts'
import {timingsDefault} from '../../mesh/index.ts'
import {type ClusterSettings, type MeshTimings, replicaCountMax, type SettingInfo} from '../../protocol/index.ts'
import {type SchedulerSettings, schedulerSettingsDefault} from '../../scheduler/index.ts'

type Kind = 'count' | 'time' | 'bytes' | 'fraction' | 'ratio' | 'switch' | 'choice'

interface Setting {
  readonly kind: Kind
  /** Of a switch 1 is on; of a choice it is the place among the options. */
  readonly default: number
  readonly min: number
  readonly max: number
  /** What a value counts. */
  readonly unit: string
  /** What it is for, in one line. */
  readonly about: string
  /** Of a choice. */
  readonly options?: readonly string[]
  /** Milliseconds of timings that the mesh itself keeps. */
  readonly timing?: keyof MeshTimings
}

const year = 366 * 86_400_000
const time = (standard: number, about: string, min = 0, timing?: keyof MeshTimings): Setting => ({
  kind: 'time',
  default: standard,
  min,
  max: 10 * year,
  unit: 'time',
  about,
  ...(timing === undefined ? {} : {timing}),
})
const count = (standard: number, unit: string, about: string, [min, max]: readonly [number, number]): Setting => ({
  kind: 'count',
  default: standard,
  min,
  max,
  unit,
  about,
})
const rate = (standard: number, about: string): Setting => ({
  kind: 'bytes',
  default: standard,
  min: 1,
  max: Number.MAX_SAFE_INTEGER,
  unit: 'bytes/s',
  about,
})
const share = (standard: number, about: string, min = 0, max = 0.9): Setting => ({
  kind: 'fraction',
  default: standard,
  min,
  max,
  unit: 'share',
  about,
})

const jobs = schedulerSettingsDefault
const policies = ['fair', 'fifo'] as const

/** Whether jobs may bring code: never, always, or where nobody else can reach the master. */
export const codePolicies = ['off', 'on', 'loopback'] as const

/** By name, in the order in which people see them. */
export const settings = {
  replicas: count(
    defaultTagSettings.replicaCount,
    'copies',
    'copies of tags and blobs, unless a push says otherwise; never more than there are nodes',
    [1, replicaCountMax],
  ),
  heartbeat: time(timingsDefault.heartbeatMs, 'how often nodes say that they are there', 10, 'heartbeatMs'),
  lostAfter: time(
    timingsDefault.lostAfterMs,
    'silence after which a node is lost, and repair begins',
    30,
    'lostAfterMs',
  ),
  replaceAfter: time(defaultTagSettings.replaceAfterMs, 'absence of a node after which its tags get another home'),
  quarantine: time(defaultTagSettings.quarantineMs, 'how long a deleted tag can be restored'),
  tombstone: time(
    timingsDefault.tombstoneMs,
    'how long deletions are remembered; a node that was away longer must be wiped, or forced in',
    1000,
    'tombstoneMs',
  ),
  gcEvery: time(blobSettingsDefault.gcEveryMs, 'time between rounds of collection'),
  gcGrace: time(blobSettingsDefault.graceMs, 'a blob younger than this is never collected'),
  gcConfirm: time(blobSettingsDefault.confirmMs, 'time between the two looks that a blob must fail'),
  repairRate: rate(blobSettingsDefault.repairBytesPerSecond, 'what repair and balancing may copy'),
  repairsPerNode: count(
    blobSettingsDefault.repairsPerNodeMax,
    'copies',
    'copies that a node takes or gives at the same time',
    [1, 64],
  ),
  surplusAfter: time(
    blobSettingsDefault.surplusAfterMs,
    'no node may have come or gone for so long before surplus copies are taken away',
  ),
  balanceThreshold: share(
    blobSettingsDefault.balanceThreshold,
    'difference in use (0 to 1) that balancing leaves',
    0.01,
    1,
  ),
  scrubEvery: time(
    blobSettingsDefault.scrubEveryMs,
    'every blob is read again and compared with its hash within this time; 0s: never',
  ),
  scrubRate: rate(blobSettingsDefault.scrubBytesPerSecond, 'what a node reads for that'),

  jobPolicy: {
    kind: 'choice',
    default: policies.indexOf(jobs.policy),
    min: 0,
    max: policies.length - 1,
    unit: policies.join(' or '),
    about: 'fair: jobs share the slots by their weights; fifo: a later job gets what earlier ones cannot use',
    options: policies,
  },
  jobsMax: count(jobs.jobsMax, 'jobs', 'jobs that wait or run; further ones are refused as overload', [1, 100_000]),
  jobsRunningMax: count(jobs.jobsRunningMax, 'jobs', 'jobs that run at the same time; further ones wait', [1, 10_000]),
  slotsPerJob: count(
    0,
    'tasks',
    'tasks of one job that run at the same time, whatever it asks for; 0: no limit',
    [0, 1_000_000],
  ),
  tasksMax: count(
    jobs.tasksMax,
    'tasks',
    'tasks and inputs of all jobs that are not over; about 500 bytes of memory each',
    [1000, 100_000_000],
  ),
  localityWait: time(jobs.localityWaitMs, 'how long a task waits for a slot on a node that holds its input'),
  speculation: {
    kind: 'switch',
    default: jobs.isSpeculative ? 1 : 0,
    min: 0,
    max: 1,
    unit: 'on or off',
    about: 'a second copy of tasks that are slow near the end of their stage',
  },
  slowRatio: {
    kind: 'ratio',
    default: jobs.slowRatio,
    min: 1,
    max: 100,
    unit: 'times',
    about: 'slow is a task that takes this many times the median of its stage',
  },
  slowAfter: time(jobs.slowAfterMs, '… and longer than this'),
  ahead: time(
    jobs.aheadMs,
    'a slot is given tasks ahead that take so long together, and one of up to four times as long; 0: none',
  ),
  taskFailures: count(
    jobs.failuresPerTaskMax,
    'failures',
    'failures of one task before its job fails, unless the job says otherwise',
    [0, 1000],
  ),
  jobFailures: count(
    jobs.failuresPerJobMax,
    'failures',
    'failures of all tasks of a job before it fails',
    [0, 1_000_000],
  ),
  sameErrorTasks: count(
    jobs.sameFailureTasksMax,
    'tasks',
    'tasks that fail with the same text before their job fails at once',
    [1, 1_000_000],
  ),
  sameErrorRuns: count(
    jobs.sameFailureRunsMax,
    'runs',
    'runs of one task, on different nodes, that fail with the same text before the job fails at once',
    [1, 1000],
  ),
  retryFirst: time(jobs.backoffFirstMs, 'pause after the first failure of a task, doubled for each further one', 1),
  retryLast: time(jobs.backoffLastMs, '… up to this', 1),
  awaitNodes: time(jobs.awaitNodesMs, 'nodes that are not back so long after a restart of the master are lost', 100),
  badNodeAfter: count(
    jobs.healthBad,
    'failures',
    'failures that make a node get no tasks until half of them have faded',
    [1, 10_000],
  ),
  badNodeFades: time(jobs.healthHalfLifeMs, 'time in which failures of a node count half as much', 1000),
  diskFreeMin: share(jobs.diskFreeMin, 'free share of the disk below which a node gets no tasks'),
  diskFreeAgain: share(jobs.diskFreeAgain, '… and above which it gets them again'),
  memoryFreeMin: share(jobs.memoryFreeMin, 'free share of the memory below which a node gets no tasks'),
  memoryFreeAgain: share(jobs.memoryFreeAgain, '… and above which it gets them again'),

  allowCode: {
    kind: 'choice',
    default: codePolicies.indexOf('loopback'),
    min: 0,
    max: codePolicies.length - 1,
    unit: 'off, on or loopback',
    about: 'jobs with code of their author; loopback: only while the master listens on its own machine alone',
    options: codePolicies,
  },
  openStatus: {
    kind: 'switch',
    default: 0,
    min: 0,
    max: 1,
    unit: 'on or off',
    about: "the status page shows nodes, jobs and rules to everybody on the master's own machine, without a token",
  },
} as const satisfies Record<string, Setting>

export type SettingName = keyof typeof settings

const names = Object.keys(settings) as SettingName[]

/** A setting by its name. @throws UserError BAD_SETTING with a suggestion */
export function settingOf(name: string): SettingName {
  const found = names.find(one => one === name)
  if (found !== undefined) return found
  const near = didYouMean(name, names)
  throw new UserError('BAD_SETTING', `there is no setting "${name}"`, {
    hint: near === '' ? `there are ${names.join(', ')}` : near,
  })
}

/** What a person wrote as the number that is kept. @throws UserError BAD_SETTING naming what it may be */
export function parseSetting(name: SettingName, value: unknown): number {
  const setting: Setting = settings[name]
  const parsed = typeof value === 'number' ? value : parseText(setting, String(value))
  const isWhole = setting.kind === 'fraction' || setting.kind === 'ratio' || Number.isSafeInteger(parsed)
  if (parsed !== undefined && isWhole && parsed >= setting.min && parsed <= setting.max) return parsed
  const examples: Readonly<Record<Kind, string>> = {
    count: `a whole number from ${setting.min} to ${setting.max}`,
    time: 'a time like 500ms, 90s, 15m, 12h or 7d',
    bytes: 'a size like 200MB',
    fraction: `a number from ${setting.min} to ${setting.max}`,
    ratio: `a number from ${setting.min} to ${setting.max}`,
    switch: 'on or off',
    choice: setting.options?.join(' or ') ?? '',
  }
  throw new UserError('BAD_SETTING', `${name} cannot be "${String(value)}"`, {hint: `it is ${examples[setting.kind]}`})
}

function parseText({kind, options = []}: Setting, text: string): number | undefined {
  if (kind === 'bytes') return parseBytes(text)
  if (kind === 'time') return parseDuration(text)
  if (kind === 'choice') return placeIn(options, text)
  if (kind === 'switch') return placeIn(switchTexts[0], text) ?? placeIn(switchTexts[1], text)
  return text.trim() === '' ? undefined : Number(text)
}

/** Words for off and on. */
const switchTexts = [
  ['off', 'on'],
  ['false', 'true'],
] as const

function placeIn(words: readonly string[], text: string): number | undefined {
  const at = words.indexOf(text.trim().toLowerCase())
  return at < 0 ? undefined : at
}

const units: Readonly<Record<string, number>> = {ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000}

/** Milliseconds of `1.5h`; a bare number is milliseconds. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)?$/.exec(text.trim())
  return match === null ? undefined : Math.round(Number(match[1]) * (units[match[2] ?? 'ms'] ?? 1))
}

/** As people read it: `12h`, `200000000`. */
export function settingText(name: SettingName, value: number): string {
  const {kind, options = []}: Setting = settings[name]
  if (kind === 'switch') return switchTexts[0][value] ?? String(value)
  if (kind === 'choice') return options[value] ?? String(value)
  if (kind !== 'time') return String(value)
  const unit = ['d', 'h', 'm', 's'].find(one => value >= (units[one] ?? 1) && value % (units[one] ?? 1) === 0) ?? 'ms'
  return `${value / (units[unit] ?? 1)}${unit}`
}

/** Values of all settings: the cluster's own where it has one. */
export function settingsOf(kept: ClusterSettings, timings: MeshTimings): Record<SettingName, number> {
  const all = {} as Record<SettingName, number>
  for (const name of names) {
    const setting: Setting = settings[name]
    const own = kept[name]
    all[name] =
      setting.timing === undefined ? (typeof own === 'number' ? own : setting.default) : timings[setting.timing]
  }
  return all
}

/** All of them with what people need to change one. */
export function settingInfos(all: Readonly<Record<SettingName, number>>): SettingInfo[] {
  return names.map(name => {
    const {default: standard, unit, about}: Setting = settings[name]
    return {name, value: settingText(name, all[name]), default: settingText(name, standard), unit, about}
  })
}

/** Which timing of the mesh a setting is; undefined: none. */
export const timingOf = (name: SettingName): keyof MeshTimings | undefined => (settings[name] as Setting).timing

export const tagSettingsOf = (all: Readonly<Record<SettingName, number>>): TagSettings => ({
  quarantineMs: all.quarantine,
  tombstoneMs: all.tombstone,
  replaceAfterMs: all.replaceAfter,
  replicaCount: all.replicas,
})

export const blobSettingsOf = (all: Readonly<Record<SettingName, number>>): Partial<BlobSettings> => ({
  gcEveryMs: all.gcEvery,
  graceMs: all.gcGrace,
  confirmMs: all.gcConfirm,
  repairBytesPerSecond: all.repairRate,
  repairsPerNodeMax: all.repairsPerNode,
  surplusAfterMs: all.surplusAfter,
  balanceThreshold: all.balanceThreshold,
  scrubEveryMs: all.scrubEvery,
  scrubBytesPerSecond: all.scrubRate,
})

/** Of a pair of watermarks the upper one is never below the lower one: a node would come and go with every look. */
export const jobSettingsOf = (all: Readonly<Record<SettingName, number>>): Partial<SchedulerSettings> => ({
  policy: policies[all.jobPolicy] ?? jobs.policy,
  jobsMax: all.jobsMax,
  jobsRunningMax: all.jobsRunningMax,
  slotsPerJobMax: all.slotsPerJob === 0 ? Infinity : all.slotsPerJob,
  tasksMax: all.tasksMax,
  localityWaitMs: all.localityWait,
  isSpeculative: all.speculation === 1,
  slowRatio: all.slowRatio,
  slowAfterMs: all.slowAfter,
  aheadMs: all.ahead,
  failuresPerTaskMax: all.taskFailures,
  failuresPerJobMax: all.jobFailures,
  sameFailureTasksMax: all.sameErrorTasks,
  sameFailureRunsMax: all.sameErrorRuns,
  backoffFirstMs: all.retryFirst,
  backoffLastMs: Math.max(all.retryFirst, all.retryLast),
  awaitNodesMs: all.awaitNodes,
  healthBad: all.badNodeAfter,
  healthGood: all.badNodeAfter / 2,
  healthHalfLifeMs: all.badNodeFades,
  diskFreeMin: all.diskFreeMin,
  diskFreeAgain: Math.max(all.diskFreeMin, all.diskFreeAgain),
  memoryFreeMin: all.memoryFreeMin,
  memoryFreeAgain: Math.max(all.memoryFreeMin, all.memoryFreeAgain),
})
