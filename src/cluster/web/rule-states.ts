/** State of the rules whose daemons share the master's home folder. Opened for each look: daemons are processes of their own. */
import {readdir} from 'node:fs/promises'
import {join} from 'node:path'
import {errorCodeOf, messageOf} from '../../base/index.ts'
import {hasRuleState, openRuleState, type RuleState} from '../../storage/index.ts'

/** Folders of rules that one look opens. */
const folderCountMax = 50

/** What was read of one folder, or why it cannot be. */
export type RuleStateRead<Value> =
  | {readonly folder: string; readonly path: string; readonly value: Value}
  | {readonly folder: string; readonly path: string; readonly problem: string}

/** @param home - the home folder; daemons keep their state in `rules/` below it unless told otherwise */
export async function readRuleStates<Value>(
  home: string,
  read: (state: RuleState) => Value,
): Promise<RuleStateRead<Value>[]> {
  const found: RuleStateRead<Value>[] = []
  for (const folder of (await foldersIn(join(home, 'rules'))).slice(0, folderCountMax)) {
    const path = join(home, 'rules', folder)
    if (!hasRuleState(path)) continue
    try {
      const state = await openRuleState(path)
      try {
        found.push({folder, path, value: read(state)})
      } finally {
        state.close()
      }
    } catch (error) {
      found.push({folder, path, problem: messageOf(error)})
    }
  }
  return found
}

async function foldersIn(path: string): Promise<string[]> {
  try {
    return (await readdir(path)).sort()
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return []
    throw error
  }
}
