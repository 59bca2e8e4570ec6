/** The settings file: what a person wants everywhere, in YAML (spec 14.2). */
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {errorCodeOf, messageOf, UserError} from '../base/index.ts'
import {userHome} from './user-home.ts'

export interface Settings {
  /** Folder of rule modules. */
  readonly rulesDirectory?: string | undefined
  /** Parameters for every rule; -l files and -P win. */
  readonly params?: Readonly<Record<string, unknown>> | undefined
  readonly threads?: number | undefined
  /** As --memory: 512MiB. */
  readonly memory?: string | undefined
  /** Whom and how the daemon tells. Values may be `env:NAME` or `file:PATH`. */
  readonly notify?:
    | {
        readonly mailServer?: string | undefined
        readonly mailFrom?: string | undefined
        readonly pagerdutyKey?: string | undefined
        readonly pagerdutyUrl?: string | undefined
        readonly webhook?: string | undefined
        readonly webhookFormat?: 'json' | 'slack' | undefined
      }
    | undefined
}

/** Where settings are looked for, first found wins. */
export function settingsPaths(): string[] {
  const home = userHome()
  const config = process.env['XDG_CONFIG_HOME'] ?? (home && join(home, '.config'))
  return [
    ...(home ? [join(home, '.inferno')] : []),
    ...(config ? [join(config, 'disco-inferno', 'settings.yaml')] : []),
    '/etc/inferno/settings.yaml',
  ]
}

/**
 * @param path - given with -e: must exist; without it the first of `settingsPaths()` that does
 * @throws UserError BAD_PARAMETERS for a missing, unreadable or wrong file
 */
export async function loadSettings(path: string | undefined): Promise<Settings> {
  if (path !== undefined) return parsed(readText(path, 'settings file'), path)
  for (const candidate of settingsPaths()) {
    const text = readIfThere(candidate)
    if (text !== undefined) return parsed(text, candidate)
  }
  return {}
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

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes(errorCodeOf(error))) return undefined
    throw new UserError('BAD_PARAMETERS', `cannot read the settings file ${path}: ${messageOf(error)}`, {
      cause: error,
      exitCode: 2,
    })
  }
}

async function parsed(text: string, path: string): Promise<Settings> {
  const {parseSettings} = await import('./parse-settings.ts')
  return parseSettings(text, path)
}
