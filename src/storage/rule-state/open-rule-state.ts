import {randomBytes} from 'node:crypto'
import {existsSync} from 'node:fs'
import {join} from 'node:path'
import {ClusterError, errorCodeOf, UserError} from '../../base/index.ts'
import {diskFailureOf, isCorruption} from '../sqlite/failures.ts'
import {type Db, openDatabase} from '../sqlite/open-database.ts'
import {MetaTable} from '../tags/meta-table.ts'
import {RuleState} from './rule-state.ts'
import {ruleStateMigrations} from './schema.ts'

const fileName = 'rules.sqlite'

/**
 * Opens the state of a rule daemon in a folder, or makes it. Several processes may have it open.
 *
 * @throws UserError CANNOT_START when it is corrupt or was written by a newer program
 * @throws ClusterError DISK_FULL, STORAGE_BROKEN
 */
export async function openRuleState(folder: string): Promise<RuleState> {
  const path = join(folder, fileName)
  let db: Db | undefined
  try {
    db = await openDatabase(path, ruleStateMigrations, {isShared: true})
    const meta = new MetaTable(db)
    db.transaction(() => {
      if (meta.get('id') === undefined) meta.set('id', randomBytes(8).toString('hex'))
    }).immediate()
    return new RuleState(db)
  } catch (error) {
    db?.close()
    throw explained(error, path)
  }
}

/** Whether a daemon ever ran with this folder. */
export const hasRuleState = (folder: string): boolean => existsSync(join(folder, fileName))

function explained(error: unknown, path: string): unknown {
  if (isCorruption(error)) {
    return new UserError('CANNOT_START', `the state ${path} is corrupt`, {
      cause: error,
      hint: 'put back a copy of it, or move it away: then the history of runs is gone and every rule counts as new; what is in databases still counts once',
    })
  }
  const failure = errorCodeOf(error) === '' ? undefined : diskFailureOf(error, path)
  return failure === undefined ? error : new ClusterError(failure.code, failure.message, {cause: error})
}
