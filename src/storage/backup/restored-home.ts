/** What a folder that comes from a backup must know about itself before a node works with it. */
import {existsSync, readdirSync, rmSync} from 'node:fs'
import {join} from 'node:path'
import {openJournal} from '../journal/open-journal.ts'
import {checkFolderVersion} from '../node/node-folder.ts'
import {openRuleState} from '../rule-state/open-rule-state.ts'
import {openTagStore} from '../tags/open-tag-store.ts'

/**
 * Runs of tasks that were begun after the backup have numbers that the restored journal would give again, and nodes may hold
 * what they made. More than a cluster begins between two backups.
 */
const runNumbersLeftOut = 1_000_000_000

export interface RestoreMode {
  /**
   * All nodes of the cluster go back together: their tags count as they are. Else those that went on know better, and a node
   * begins with empty tags that do not count before the others have filled them.
   */
  readonly isWholeCluster: boolean
}

/**
 * Opens every store that was restored into a home folder, so that one that this program cannot use is told now.
 *
 * @throws UserError CANNOT_START when one was written by a newer program, or is corrupt
 */
export async function prepareRestoredHome(home: string, {isWholeCluster}: RestoreMode): Promise<void> {
  for (const name of listed(join(home, 'nodes'))) await prepareTags(join(home, 'nodes', name), isWholeCluster)
  const journalPath = join(home, 'master', 'journal.sqlite')
  checkFolderVersion(join(home, 'master'))
  if (existsSync(journalPath)) {
    const journal = await openJournal(journalPath)
    try {
      journal.commit([{type: 'persist-next-run', nextRun: journal.load().nextRun + runNumbersLeftOut}])
    } finally {
      journal.close()
    }
  }
  for (const name of listed(join(home, 'rules'))) (await openRuleState(join(home, 'rules', name))).close()
}

async function prepareTags(folder: string, isWholeCluster: boolean): Promise<void> {
  checkFolderVersion(folder)
  const path = join(folder, 'tags.sqlite')
  const opened = await openTagStore(path)
  try {
    // Nothing was deleted on nodes that were not there: this one was not away.
    if (isWholeCluster) opened.store.forgetContact()
  } finally {
    opened.store.close()
  }
  if (isWholeCluster) return
  for (const companion of ['', '-wal']) rmSync(path + companion, {force: true})
  const empty = await openTagStore(path)
  try {
    empty.store.setRebuilding(true)
  } finally {
    empty.store.close()
  }
}

const listed = (path: string): string[] => (existsSync(path) ? readdirSync(path) : [])
