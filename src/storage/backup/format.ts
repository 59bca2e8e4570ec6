/**
 * A backup: one file.
 *
 *     contents of all files, behind each other
 *     manifest, as JSON
 *     footer: "DISCOBAK", version (u32), bytes of the manifest (u32), SHA-256 of the manifest
 *
 * The manifest is at the end because the files come from several nodes, one after the other, and so that a file that was cut
 * short is known by its end. Every file in it has its own SHA-256.
 */
import {UserError} from '../../base/index.ts'

/** A backup of another number is of a newer program. */
export const backupVersion = 1

export const footerMagic = 'DISCOBAK'
export const footerBytes = 8 + 4 + 4 + 32

/** A line of 200 bytes for each pack of 100,000 jobs: what is longer is none of ours. Bytes. */
export const manifestBytesMax = 64 * 1024 * 1024

/** Parts of paths: names of nodes, of folders of rules, of our own files. */
const pathPattern = /^(?!\.{1,2}(\/|$))[\w.-]{1,255}(\/(?!\.{1,2}(\/|$))[\w.-]{1,255}){0,4}$/

export interface BackupFile {
  /** Below the home folder. */
  readonly path: string
  /** Permissions: `0o600`. */
  readonly mode: number
  readonly bytes: number
  /** Of its contents, hexadecimal. */
  readonly sha256: string
}

export interface BackupManifest {
  /** Name and version of the program that wrote it. */
  readonly software: string
  readonly createdAtMs: number
  readonly clusterId: string
  /** Nodes that the cluster had, without removed ones. */
  readonly members: readonly string[]
  /** Nodes that are in it. */
  readonly nodes: readonly string[]
  readonly hasMaster: boolean
  /** In the order of their contents. */
  readonly files: readonly BackupFile[]
}

/** @throws UserError BACKUP_BROKEN */
export function parseManifest(text: string, path: string): BackupManifest {
  const value = parsed(text) as Partial<BackupManifest> | undefined
  if (value !== undefined && isManifest(value)) return value
  throw new UserError('BACKUP_BROKEN', `the list of files in ${path} cannot be read`, {
    hint: 'it is damaged, or no backup: look for an older one, or make another with: disco backup',
  })
}

/** Files that a node names in its answer. @throws UserError BACKUP_BROKEN */
export function parseFiles(text: string, from: string): readonly BackupFile[] {
  const value = parsed(text)
  if (isFiles(value)) return value
  throw new UserError('BACKUP_BROKEN', `${from} sent a list of files that cannot be read`)
}

/** Whether every node of the cluster is in it. */
export const isWhole = ({members, nodes}: BackupManifest): boolean => members.every(name => nodes.includes(name))

function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

const isManifest = (value: Partial<BackupManifest>): value is BackupManifest =>
  typeof value.software === 'string' &&
  Number.isSafeInteger(value.createdAtMs) &&
  typeof value.clusterId === 'string' &&
  isTexts(value.members) &&
  isTexts(value.nodes) &&
  typeof value.hasMaster === 'boolean' &&
  isFiles(value.files)

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every(one => typeof one === 'string')

const isFiles = (value: unknown): value is readonly BackupFile[] => Array.isArray(value) && value.every(isFile)

function isFile(value: Partial<BackupFile> | null): boolean {
  if (value === null || typeof value !== 'object') return false
  const {path, mode, bytes, sha256} = value
  return (
    typeof path === 'string' &&
    pathPattern.test(path) &&
    Number.isSafeInteger(mode) &&
    Number.isSafeInteger(bytes) &&
    Number(bytes) >= 0 &&
    /^[0-9a-f]{64}$/.test(String(sha256))
  )
}
