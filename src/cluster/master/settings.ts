/** Settings of a cluster: their names, what they may be, and whom they concern. Times as `90s`, `15m`, `12h`, `7d`; sizes as `200MB`. */
import {didYouMean, parseBytes, UserError} from '../../base/index.ts'
import type {BlobSettings} from '../../ddfs/index.ts'
import {blobSettingsDefault, defaultTagSettings, type TagSettings} from '../../ddfs/index.ts'
import {timingsDefault} from '../../mesh/index.ts'
import {type ClusterSettings, type MeshTimings, replicaCountMax} from '../../protocol/index.ts'

type Kind = 'count' | 'time' | 'bytes' | 'fraction'

interface Setting {
  readonly kind: Kind
  readonly default: number
  readonly min: number
  readonly max: number
  /** Milliseconds of timings that the mesh itself keeps. */
  readonly timing?: keyof MeshTimings
}

const year = 366 * 86_400_000
const time = (standard: number, min = 0, timing?: keyof MeshTimings): Setting => ({
  kind: 'time',
  default: standard,
  min,
  max: 10 * year,
  ...(timing === undefined ? {} : {timing}),
})

/** By name, in the order in which people see them. */
export const settings = {
  replicas: {kind: 'count', default: defaultTagSettings.replicaCount, min: 1, max: replicaCountMax},
  heartbeat: time(timingsDefault.heartbeatMs, 10, 'heartbeatMs'),
  lostAfter: time(timingsDefault.lostAfterMs, 30, 'lostAfterMs'),
  replaceAfter: time(defaultTagSettings.replaceAfterMs),
  quarantine: time(defaultTagSettings.quarantineMs),
  tombstone: time(timingsDefault.tombstoneMs, 1000, 'tombstoneMs'),
  gcEvery: time(blobSettingsDefault.gcEveryMs),
  gcGrace: time(blobSettingsDefault.graceMs),
  gcConfirm: time(blobSettingsDefault.confirmMs),
  repairRate: {kind: 'bytes', default: blobSettingsDefault.repairBytesPerSecond, min: 1, max: Number.MAX_SAFE_INTEGER},
  repairsPerNode: {kind: 'count', default: blobSettingsDefault.repairsPerNodeMax, min: 1, max: 64},
  surplusAfter: time(blobSettingsDefault.surplusAfterMs),
  balanceThreshold: {kind: 'fraction', default: blobSettingsDefault.balanceThreshold, min: 0.01, max: 1},
  scrubEvery: time(blobSettingsDefault.scrubEveryMs),
  scrubRate: {kind: 'bytes', default: blobSettingsDefault.scrubBytesPerSecond, min: 1, max: Number.MAX_SAFE_INTEGER},
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
  const parsed = typeof value === 'number' ? value : parseText(setting.kind, String(value))
  const isWhole = setting.kind === 'fraction' || Number.isSafeInteger(parsed)
  if (parsed !== undefined && isWhole && parsed >= setting.min && parsed <= setting.max) return parsed
  const examples: Readonly<Record<Kind, string>> = {
    count: `a whole number from ${setting.min} to ${setting.max}`,
    time: 'a time like 500ms, 90s, 15m, 12h or 7d',
    bytes: 'a size like 200MB',
    fraction: `a number from ${setting.min} to ${setting.max}`,
  }
  throw new UserError('BAD_SETTING', `${name} cannot be "${String(value)}"`, {hint: `it is ${examples[setting.kind]}`})
}

function parseText(kind: Kind, text: string): number | undefined {
  if (kind === 'bytes') return parseBytes(text)
  if (kind === 'time') return parseDuration(text)
  return text.trim() === '' ? undefined : Number(text)
}

const units: Readonly<Record<string, number>> = {ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000}

/** Milliseconds of `1.5h`; a bare number is milliseconds. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)?$/.exec(text.trim())
  return match === null ? undefined : Math.round(Number(match[1]) * (units[match[2] ?? 'ms'] ?? 1))
}

/** As people read it: `12h`, `200000000`. */
export function settingText(name: SettingName, value: number): string {
  if (settings[name].kind !== 'time') return String(value)
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
