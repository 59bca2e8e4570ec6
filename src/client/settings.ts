/**
 * What a person wants everywhere: a file in YAML, over it the environment (spec 14.2). Flags are over both, and for commands to see to.
 *
 * The names stand in `settings-table.ts`.
 */
import {closeSync, fstatSync, openSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {errorCodeOf, messageOf, UserError} from '../base/index.ts'
import type {SettingsFile} from './parse-settings.ts'
import {type SettingValue, valueFromText, WrongValue} from './setting-values.ts'
import {type SettingRow, settingRows} from './settings-table.ts'
import {userHome} from './user-home.ts'

/** Secrets may be `env:NAME` or `file:PATH`: see `secretOf`. */
export interface Settings {
  /** Folder of rule modules. */
  readonly rulesDirectory?: string
  /** Parameters for every rule; -l files and -P win. */
  readonly params?: Readonly<Record<string, unknown>>
  readonly threads?: number
  /** As --memory: 512MiB. */
  readonly memory?: string
  readonly engine?: string
  /** Secrets, with which ClickHouse reads S3. */
  readonly clickhouse?: {readonly s3AccessKey?: string; readonly s3SecretKey?: string}
  /** As --max-bad. */
  readonly maxBad?: string
  readonly format?: string
  /** Folder of result files. */
  readonly out?: string
  /** Whether what was scanned of a blob is kept. */
  readonly cache?: boolean
  readonly sink?: {readonly to?: string; readonly mode?: string; readonly tablePrefix?: string}
  readonly cluster?: {
    readonly master?: string
    readonly home?: string
    readonly token?: string
    readonly ca?: string
  }
  readonly daemon?: {
    readonly state?: string
    readonly concurrent?: number
    readonly catchUp?: 'once' | 'skip'
    /** Seconds. */
    readonly grace?: number
    readonly historyDays?: number
  }
  /** Whom and how the daemon tells. */
  readonly notify?: {
    readonly mailServer?: string
    readonly mailFrom?: string
    readonly pagerdutyKey?: string
    readonly pagerdutyUrl?: string
    readonly webhook?: string
    readonly webhookFormat?: 'json' | 'slack'
  }
}

/** Where a value comes from. */
export type SettingOrigin =
  | {readonly type: 'file'; readonly path: string; readonly line: number | undefined}
  | {readonly type: 'environment'; readonly variable: string}
  /** `isOver`: names of a mapping that the flags do not say come from elsewhere. */
  | {readonly type: 'flag'; readonly flag: string; readonly isOver?: SettingOrigin}

export interface EffectiveSetting {
  readonly row: SettingRow
  readonly value: SettingValue
  readonly origin: SettingOrigin
}

/** Where settings are looked for, first found wins. */
function settingsPaths(): string[] {
  const home = userHome()
  const config = process.env['XDG_CONFIG_HOME'] ?? (home && join(home, '.config'))
  return [
    ...(home ? [join(home, '.inferno')] : []),
    ...(config ? [join(config, 'disco-inferno', 'settings.yaml')] : []),
    '/etc/inferno/settings.yaml',
  ]
}

/**
 * The settings that somebody made, in the order of the table.
 *
 * @param path - given with -e: must exist; without it the first of `settingsPaths()` that does
 * @throws UserError BAD_PARAMETERS for a missing, unreadable or wrong file; BAD_SETTING for a wrong variable
 */
export async function readSettings(path: string | undefined): Promise<EffectiveSetting[]> {
  const file = path === undefined ? firstFile() : {...readFile(path), path}
  // Only now: YAML takes a while to load.
  const found = file && (await import('./parse-settings.ts')).parseSettings(file)
  const effective: EffectiveSetting[] = []
  for (const row of settingRows) {
    const variable = row.env
    const text = variable === undefined ? undefined : process.env[variable]
    const inFile = found?.get(row.name)
    if (text !== undefined && text !== '') {
      effective.push({row, value: fromEnvironment(row, text), origin: {type: 'environment', variable: variable!}})
    } else if (file !== undefined && inFile !== undefined) {
      effective.push({row, value: inFile.value, origin: {type: 'file', path: file.path, line: inFile.line}})
    }
  }
  return effective
}

/**
 * Puts what flags say over it.
 *
 * @param flags - those that were typed, by name; assignments of parameters as a mapping
 * @returns in the order of the table
 * @throws UserError BAD_FLAG
 */
export function overlayFlags(
  effective: readonly EffectiveSetting[],
  flags: Readonly<Record<string, unknown>>,
): EffectiveSetting[] {
  return settingRows.flatMap(row => {
    const below = effective.find(({row: {name}}) => name === row.name)
    const value = row.flag === undefined ? undefined : flags[row.flag]
    if (value === undefined) return below === undefined ? [] : [below]
    const origin = {type: 'flag', flag: row.flag!} as const
    if (row.kind !== 'mapping') return [{row, value: fromFlag(row, value), origin}]
    const names = value as Readonly<Record<string, unknown>>
    if (below === undefined) return [{row, value: names, origin}]
    return [{row, value: {...(below.value as object), ...names}, origin: {...origin, isOver: below.origin}}]
  })
}

function fromFlag(row: SettingRow, value: unknown): SettingValue {
  // --no-cache stands for false.
  if (row.kind === 'boolean') return row.flag?.startsWith('no-') === true ? value !== true : value === true
  try {
    return valueFromText(row, String(value))
  } catch (error) {
    if (!(error instanceof WrongValue)) throw error
    throw new UserError('BAD_FLAG', `--${row.flag}: ${error.message}`, {hint: `it is: ${row.meaning}`, exitCode: 2})
  }
}

/** `readSettings` by name, for what looks at a few of them. @throws as that */
export async function loadSettings(path: string | undefined): Promise<Settings> {
  const settings: Record<string, unknown> = {}
  for (const {row, value} of await readSettings(path)) {
    const [group, name] = row.name.split('.') as [string, string?]
    if (name === undefined) settings[group] = value
    else settings[group] = {...(settings[group] as object | undefined), [name]: value}
  }
  return settings
}

function fromEnvironment(row: SettingRow, text: string): SettingValue {
  try {
    return valueFromText(row, text)
  } catch (error) {
    if (!(error instanceof WrongValue)) throw error
    throw new UserError('BAD_SETTING', `the environment variable ${row.env}: ${error.message}`, {
      hint: `it is: ${row.meaning}`,
      exitCode: 2,
    })
  }
}

/** @throws UserError BAD_PARAMETERS naming what was to be read */
export function readText(path: string, what: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new UserError('BAD_PARAMETERS', `cannot read the ${what} ${path}: ${messageOf(error)}`, {
      cause: error,
      exitCode: 2,
    })
  }
}

function firstFile(): SettingsFile | undefined {
  for (const path of settingsPaths()) {
    try {
      return {...openedFile(path), path}
    } catch (error) {
      if (!['ENOENT', 'ENOTDIR', 'EISDIR'].includes(errorCodeOf(error))) throw unreadable(path, error)
    }
  }
  return undefined
}

function readFile(path: string): Omit<SettingsFile, 'path'> {
  try {
    return openedFile(path)
  } catch (error) {
    throw unreadable(path, error)
  }
}

/** Text and mode of one and the same file, whatever is put in its place meanwhile. */
function openedFile(path: string): Omit<SettingsFile, 'path'> {
  const descriptor = openSync(path, 'r')
  try {
    const stat = fstatSync(descriptor)
    return {text: readFileSync(descriptor, 'utf8'), mode: stat.isFile() ? stat.mode : undefined}
  } finally {
    closeSync(descriptor)
  }
}

const unreadable = (path: string, error: unknown): UserError =>
  new UserError('BAD_PARAMETERS', `cannot read the settings file ${path}: ${messageOf(error)}`, {
    cause: error,
    exitCode: 2,
  })
