/** The person's own folder. */
import {homedir} from 'node:os'

/** undefined on a machine that knows no folder of this user: no HOME, and no entry in its list of users. */
export function userHome(): string | undefined {
  try {
    return homedir()
  } catch (error) {
    if ((error as {code?: unknown}).code === 'ERR_SYSTEM_ERROR') return undefined
    throw error
  }
}
