/** What an agent that is root makes ready so that tasks can run as other users. */
import {spawnSync} from 'node:child_process'
import {chmodSync, readdirSync, statSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {UserError} from '../../../base/index.ts'
import {launcher} from '../../../product/index.ts'
import type {TaskUsers} from '../../../worker/index.ts'

/** Others may pass through a folder, and see nothing of it. */
export const passedMode = 0o711

/**
 * Lets others pass from the home folder of the cluster to what lies in a folder below it, and tries whether they can.
 *
 * @param folder - of the jobs on this node; it exists
 * @param home - of the cluster; folders above it are not changed
 * @throws UserError CANNOT_START when this process is not root, or the users cannot get to the folder or the program
 */
export function letTaskUsersPass(users: TaskUsers, folder: string, home: string): void {
  if (process.getuid?.() !== 0) {
    throw new UserError('CANNOT_START', 'only root can start tasks as other users', {
      hint: 'leave out --task-user: tasks run as the user of the agent then',
    })
  }
  for (let path = folder; ; path = dirname(path)) {
    chmodSync(path, (statSync(path).mode & 0o7777 & ~0o066) | passedMode)
    if (path === home || !path.startsWith(`${home}/`)) break
  }
  for (const path of [folder, ...launcher().filter(word => word.startsWith('/'))]) checkReach(users.first, path)
}

function checkReach(user: number, path: string): void {
  const question = statSync(path).isDirectory() ? '-x' : '-r'
  const {status} = spawnSync('/bin/sh', ['-c', `test ${question} "$0"`, path], {uid: user, gid: user, cwd: '/'})
  if (status === 0) return
  throw new UserError('CANNOT_START', `user ${user} cannot get to ${path}: no task could run`, {
    hint: 'put the program and the home folder (--home) where others may pass (/opt, /var/lib), or leave out --task-user',
  })
}

/** A folder of a pack: others may read and run what is in it, and list nothing above it. */
export function letOthersRead(folder: string): void {
  chmodSync(folder, passedMode)
  open(join(folder, 'files'))
}

function open(folder: string): void {
  chmodSync(folder, 0o755)
  for (const entry of readdirSync(folder, {withFileTypes: true})) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) open(path)
    else if (entry.isFile()) chmodSync(path, statSync(path).mode & 0o100 ? 0o755 : 0o644)
  }
}
