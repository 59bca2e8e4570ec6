/** `inferno settings`: every setting, what holds, and where that was said. */
import {printable} from '../base/index.ts'
import {
  type EffectiveSetting,
  overlayFlags,
  parseAssignments,
  readSettings,
  type SettingOrigin,
  type SettingRow,
  type SettingValue,
  settingRows,
  shownValue,
} from '../client/index.ts'
import {aligned} from './ddfs/text.ts'

export interface ShownSetting {
  readonly name: string
  /** Secrets are hidden; null when nobody said anything. */
  readonly value: SettingValue | null
  readonly from: 'default' | 'environment' | 'file' | 'flag'
  /** `PATH:LINE` of the file, the variable, or the flag; null of a default. */
  readonly where: string | null
  readonly default: string | null
  readonly env: string | null
  readonly flag: string | null
  readonly meaning: string
}

/**
 * @param flags - those that were typed, by name
 * @throws UserError as `readSettings` and `overlayFlags`, BAD_PARAMETERS
 */
export async function shownSettings(
  path: string | undefined,
  flags: Readonly<Record<string, unknown>> = {},
): Promise<ShownSetting[]> {
  const {param} = flags
  const typed = param === undefined ? flags : {...flags, param: await parseAssignments(param as readonly string[])}
  const effective = overlayFlags(await readSettings(path), typed)
  return settingRows.map(row =>
    shown(
      row,
      effective.find(({row: {name}}) => name === row.name),
    ),
  )
}

function shown(row: SettingRow, effective: EffectiveSetting | undefined): ShownSetting {
  const {name, env = null, flag, meaning, default: usual = null} = row
  const about = {default: usual, env, flag: flag === undefined ? null : `--${flag}`, meaning}
  if (effective === undefined) return {name, value: null, from: 'default', where: null, ...about}
  const {value, origin} = effective
  return {name, value: shownValue(row, value), from: origin.type, where: whereOf(origin), ...about}
}

function whereOf(origin: SettingOrigin): string {
  switch (origin.type) {
    case 'environment':
      return origin.variable
    case 'file':
      return `${origin.path}${origin.line === undefined ? '' : `:${origin.line}`}`
    case 'flag':
      return origin.isOver === undefined ? `--${origin.flag}` : `--${origin.flag}, ${whereOf(origin.isOver)}`
  }
}

/** A line each: name, value, where from. What has neither a value nor a default is a dash. */
export function settingsText(settings: readonly ShownSetting[]): string {
  return aligned(
    settings.map(({name, value, where, default: usual}) => [name, textOf(value) ?? usual ?? '-', where ?? 'default']),
  )
}

const textOf = (value: SettingValue | null): string | undefined => {
  if (value === null) return undefined
  return printable(typeof value === 'object' ? JSON.stringify(value, bigIntText) : String(value))
}

const bigIntText = (_name: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value)
