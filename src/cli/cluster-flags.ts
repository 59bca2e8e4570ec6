/** Flags of every command that talks to a cluster. */
import {Flags} from '@oclif/core'
import {parseBytes, UserError} from '../base/index.ts'

export const clusterFlags = {
  master: Flags.string({
    description: 'address of any node; without it the cluster that runs on this machine',
    env: 'DISCO_MASTER',
    helpValue: 'http://HOST:PORT',
    helpGroup: 'CLUSTER',
  }),
  home: Flags.string({
    description: 'home folder of the cluster on this machine',
    env: 'DISCO_HOME',
    helpValue: 'DIR',
    helpGroup: 'CLUSTER',
  }),
  token: Flags.string({
    description: 'token of the cluster; found by itself on the machine where it was started',
    env: 'DISCO_TOKEN',
    helpGroup: 'CLUSTER',
  }),
  ca: Flags.string({
    description: 'certificate of the authority that signed the nodes (PEM)',
    env: 'DISCO_CA',
    helpValue: 'FILE',
    helpGroup: 'CLUSTER',
  }),
}

/** Flags of commands that read or change tags. */
export const tagFlags = {
  ...clusterFlags,
  'tag-token': Flags.string({
    description: 'token of the tag, if it has one',
    env: 'DDFS_TOKEN',
    helpGroup: 'CLUSTER',
  }),
}

export const prefixFlag = Flags.boolean({char: 'p', description: 'the names are prefixes: take all tags that begin so'})
export const ignoreMissingFlag = Flags.boolean({char: 'i', description: 'pass over tags that do not exist'})

export const writeFlags = {
  replicas: Flags.integer({
    char: 'n',
    description: 'copies to keep of each blob, and of the tag if it is new',
    min: 1,
    max: 9,
    env: 'DDFS_REPLICAS',
  }),
  'min-replicas': Flags.integer({
    description: 'copies that must be safe before this has succeeded; without it 2 where there are two nodes',
    min: 1,
    max: 9,
  }),
}

/** A flag with a size in bytes: `64MiB`. */
export function bytesOf(flag: string, text: string): number {
  const bytes = parseBytes(text)
  if (bytes !== undefined && bytes > 0) return bytes
  throw new UserError('BAD_FLAG', `--${flag}: "${text}" is not a size`, {
    hint: 'write it as 64MiB, 500kB or a number of bytes',
    exitCode: 2,
  })
}
