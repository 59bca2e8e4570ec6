import {formatBytes} from '../../../base/index.ts'
import type {BackupReport} from './make-backup.ts'
import type {RestoreReport} from './restore-backup.ts'

const parts = (nodes: readonly string[], hasMaster: boolean): string =>
  [...(hasMaster ? ['the master'] : []), ...nodes].join(', ')

/** What is in the archive, and what a person has to do for the rest. */
export function backupText({path, bytes, fileCount, nodes, hasMaster, others}: BackupReport): string {
  const left =
    others.length === 0 ? '' : `not in it: ${others.join(', ')} (a backup of each is made with its own home folder)\n`
  return `${path}: ${formatBytes(bytes)}, ${fileCount} files of ${parts(nodes, hasMaster)}\n${left}blobs are not in it; whoever reads it has the tokens of the cluster\n`
}

/** With what a person must know before the cluster starts: where tags come from, and which tokens are good again. */
export function restoreText({home, nodes, hasMaster, createdAtMs, software, hasTags, others}: RestoreReport): string {
  const tags =
    nodes.length === 0
      ? ''
      : hasTags
        ? 'tags are as they were then; what they name is there when volumes and other nodes have it: see ddfs fsck\n'
        : `tags come from ${others.join(', ')}: if these are gone or restored as well, restore with --whole-cluster\n`
  const tokens = hasMaster ? 'tokens that were revoked since are good again: see disco token list\n' : ''
  return `${home}: ${parts(nodes, hasMaster)}, as of ${new Date(createdAtMs).toISOString()} (${software})\n${tags}${tokens}`
}
