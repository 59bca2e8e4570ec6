/**
 * Processes of tasks as users of their own, where the agent is root: then they cannot read or change what belongs to others.
 *
 * The folder of a run belongs to its user while the run lasts. Then it is taken back, so that nothing that escaped changes what
 * is served from it, and links are removed: root would follow them anywhere.
 */
import {chownSync, lchownSync, mkdirSync, readdirSync, rmSync} from 'node:fs'
import {join} from 'node:path'

/** Numeric users, the first one and how many; none of them should be anybody else's. */
export interface TaskUsers {
  readonly first: number
  readonly count: number
}

/** Processes and threads of one of these users: a process of tasks has fifteen, and what it starts some more. */
export const processesMax = 1024

/** Gives out users one after the other: processes that run at once have different ones, if there are enough. */
export class UserTurn {
  readonly #users: TaskUsers
  #next = 0

  constructor(users: TaskUsers) {
    this.#users = users
  }

  take(): number {
    const {first, count} = this.#users
    return first + (this.#next++ % count)
  }
}

/** For `spawn`: the user, its own group and no other. */
export const identityOf = (user: number | undefined): {readonly uid?: number; readonly gid?: number} =>
  user === undefined ? {} : {uid: user, gid: user}

/** What names the user of this process and its folders: nothing for another one. */
const ofThisUser: ReadonlySet<string> = new Set(['HOME', 'USER', 'LOGNAME', 'TMPDIR'])

/** Of the environment of this process what a task of that user may have. */
export const environmentFor = (environment: NodeJS.ProcessEnv, user: number | undefined): NodeJS.ProcessEnv =>
  user === undefined
    ? environment
    : Object.fromEntries(Object.entries(environment).filter(([name]) => !ofThisUser.has(name)))

/** Makes the folder of a run, or takes one with what is in it, for a user. */
export function giveFolder(folder: string, user: number): void {
  mkdirSync(folder, {recursive: true, mode: 0o700})
  changeOwner(folder, user)
}

/** The folder of a run is ours again. Its links are removed by `removeLinks`. */
export function takeBackFolder(folder: string): void {
  changeOwner(folder, process.getuid?.() ?? 0)
}

function changeOwner(folder: string, user: number): void {
  // The folder first: from then on nobody else gets to what is in it.
  chownSync(folder, user, user)
  for (const entry of readdirSync(folder, {withFileTypes: true})) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) changeOwner(path, user)
    else lchownSync(path, user, user)
  }
}

/** Leaves nothing but files and folders. */
export function removeLinks(folder: string): void {
  for (const entry of readdirSync(folder, {withFileTypes: true})) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) removeLinks(path)
    else if (!entry.isFile()) rmSync(path, {force: true})
  }
}
