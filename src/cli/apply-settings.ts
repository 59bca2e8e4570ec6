/** Settings where flags say nothing: file < environment < command line, for every command alike. */
import {type EffectiveSetting, readSettings, secretOf} from '../client/index.ts'

export {loadSettings} from '../client/index.ts'

export interface FlagsToFill {
  /** As parsed; changed in place. */
  readonly flags: Record<string, unknown>
  /** Names of those on the command line. */
  readonly typed: readonly string[]
  /** By name; a flag belongs to the setting that has the same variable. */
  readonly known: Readonly<Record<string, {readonly env?: string | undefined} | undefined>>
}

/** Preferences: behind what a rule says, so that a flag is only what was typed. Those who deliver rows look at them. */
const preferences: readonly string[] = ['format', 'engine']

/**
 * Fills in the flags that nobody typed and no variable sets.
 *
 * The file's token goes to the file's own master or home, never to another one that the command line or the environment names.
 *
 * @throws UserError BAD_PARAMETERS, BAD_SETTING when the settings are wrong, whether or not this command needs them
 */
export async function applySettings({flags, typed, known}: FlagsToFill): Promise<void> {
  const settings = await readSettings(flags['settings'] as string | undefined)
  if (settings.length === 0) return
  const isOther = isOtherCluster(flags, settings)
  for (const [name, flag] of Object.entries(known)) {
    const found = settings.find(({row}) => row.env !== undefined && row.env === flag?.env)
    if (found === undefined || typed.includes(name)) continue
    const {row, value, origin} = found
    if (preferences.includes(row.name)) delete flags[name]
    // What a variable says is in the flag already.
    else if (origin.type === 'file' && !(isOther && row.name === 'cluster.token')) {
      flags[name] = row.kind === 'secret' ? secretOf(String(value)) : value
    }
  }
}

/** Whether the command line or the environment names another cluster than the file does. */
function isOtherCluster(flags: Readonly<Record<string, unknown>>, settings: readonly EffectiveSetting[]): boolean {
  return ['master', 'home'].some(name => {
    const found = settings.find(({row, origin}) => row.name === `cluster.${name}` && origin.type === 'file')
    return flags[name] !== undefined && flags[name] !== found?.value
  })
}
