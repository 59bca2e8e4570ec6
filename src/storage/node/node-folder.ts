import {randomBytes} from 'node:crypto'
import {closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {ClusterError, messageOf, UserError} from '../../base/index.ts'
import {isNodeName, type NodeName} from '../../protocol/index.ts'
import {syncFolderNow} from '../files/sync-folder.ts'
import {diskFailureOf} from '../sqlite/failures.ts'
import {type FolderLock, lockFolder} from './folder-lock.ts'

/** Who a node is. Written to `node.json` in its folder. */
export interface NodeIdentity {
  /** 128 random bits, in hexadecimal: tells this folder from another, or a wiped one, that claims the same name. */
  readonly key: string
  readonly name: NodeName
  /** Absent until it has joined a cluster. */
  readonly clusterId?: string
}

export interface NodeFolderOptions {
  /** The name that the person wants: a folder of another node is refused. */
  readonly name?: NodeName
  /** For a new folder, when nobody wants a name. */
  readonly defaultName: NodeName
}

/** The folder of one node, locked for this process until `close`. */
export class NodeFolder {
  readonly path: string
  /** Nothing was here before. */
  readonly isNew: boolean
  #identity: NodeIdentity
  readonly #lock: FolderLock

  constructor(path: string, identity: NodeIdentity, isNew: boolean, lock: FolderLock) {
    this.path = path
    this.isNew = isNew
    this.#identity = identity
    this.#lock = lock
  }

  get identity(): NodeIdentity {
    return this.#identity
  }

  /** Remembers the cluster that it joined. Durable when it returns. @throws ClusterError DISK_FULL, STORAGE_BROKEN */
  setClusterId(clusterId: string): void {
    const identity = {...this.#identity, clusterId}
    try {
      writeIdentity(this.path, identity)
    } catch (error) {
      const failure = diskFailureOf(error, this.path)
      throw failure === undefined ? error : new ClusterError(failure.code, failure.message, {cause: error})
    }
    this.#identity = identity
  }

  /** Last, after the stores in it. */
  close(): void {
    this.#lock.close()
  }
}

/**
 * Opens the folder of a node, or makes it, for this user alone.
 *
 * @throws UserError CANNOT_START when another process has it (named), it belongs to a node of another name, or its
 *   node.json cannot be read
 */
export async function openNodeFolder(path: string, options: NodeFolderOptions): Promise<NodeFolder> {
  const lock = await lockFolder(path)
  try {
    checkFolderVersion(path)
    const known = readIdentity(path)
    if (known !== undefined && options.name !== undefined && options.name !== known.name) {
      throw new UserError('CANNOT_START', `the folder ${path} belongs to the node ${known.name}, not ${options.name}`, {
        hint: 'leave the name out, or give this node a folder of its own',
      })
    }
    const identity = known ?? {key: randomBytes(16).toString('hex'), name: options.name ?? options.defaultName}
    if (known === undefined) writeIdentity(path, identity)
    return new NodeFolder(path, identity, known === undefined, lock)
  } catch (error) {
    lock.close()
    throw error
  }
}

const fileName = 'node.json'

/**
 * Version of the layout of a node's folder; databases in it have schemas of their own. A higher one is refused: what a newer
 * program put here an older one could take for rubbish. Folders of before it was written are of version 1.
 */
const folderVersion = 1

function readIdentity(path: string): NodeIdentity | undefined {
  const file = join(path, fileName)
  if (!existsSync(file)) return undefined
  try {
    return parseIdentity(JSON.parse(readFileSync(file, 'utf8')))
  } catch (error) {
    throw new UserError('CANNOT_START', `${file} cannot be read: ${messageOf(error)}`, {
      cause: error,
      hint: 'put back a copy of it, or move the folder away to begin with an empty node',
    })
  }
}

/** @throws UserError CANNOT_START for a folder of a newer program */
export function checkFolderVersion(path: string): void {
  const file = join(path, fileName)
  if (!existsSync(file)) return
  const version = versionIn(readFileSync(file, 'utf8'))
  if (version === undefined || version <= folderVersion) return
  throw new UserError('CANNOT_START', `the folder ${path} was written by a newer version of this program`, {
    hint: `it has layout ${version}, this program knows ${folderVersion}: install the newer version again`,
  })
}

/** Undefined for what is no JSON: that is told elsewhere. */
function versionIn(text: string): number | undefined {
  try {
    const {version} = JSON.parse(text) as {version?: unknown}
    return typeof version === 'number' ? version : undefined
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined
    throw error
  }
}

function parseIdentity(value: unknown): NodeIdentity {
  const {key, name, clusterId} = value as Partial<Record<keyof NodeIdentity, unknown>>
  if (typeof key !== 'string' || !/^[0-9a-f]{32}$/.test(key)) throw new Error('it has no key')
  if (typeof name !== 'string' || !isNodeName(name)) throw new Error('it has no name')
  if (clusterId !== undefined && typeof clusterId !== 'string') throw new Error('its cluster is not a text')
  return {key, name, ...(clusterId !== undefined && {clusterId})}
}

/** Whole or not at all: a crash leaves the old one or the new one. */
function writeIdentity(path: string, identity: NodeIdentity): void {
  const draft = join(path, `${fileName}.new`)
  const descriptor = openSync(draft, 'w', 0o600)
  try {
    writeSync(descriptor, `${JSON.stringify({version: folderVersion, ...identity}, undefined, 2)}\n`)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
  renameSync(draft, join(path, fileName))
  syncFolderNow(path)
  syncFolderNow(dirname(path))
}
