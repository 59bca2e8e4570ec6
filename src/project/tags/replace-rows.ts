/** Rows of a rule under its result tag, in the place of those that an earlier run of it put there for the same days. */
import {createHash} from 'node:crypto'
import {ClusterError, UserError} from '../../base/index.ts'
import {type ClusterClient, readAllEntries} from '../../client/index.ts'
import type {TagEntry} from '../../protocol/index.ts'
import {replaceTriesMax} from './limits.ts'
import {readTagIfThere} from './read-store.ts'

/** How the names of blobs begin that hold rows of a rule for a scope, whatever its plan was and whatever it read. */
export function keeperOf(rule: string, scope: string): string {
  return `${createHash('sha256')
    .update(JSON.stringify([rule, scope]))
    .digest('hex')
    .slice(0, 16)}-`
}

/**
 * Puts entries into a tag and takes out those whose names begin with `keeper`, in one change: who reads the tag sees the old rows or
 * the new ones. Safe to repeat.
 *
 * @throws ClusterError OVERLOADED when others change the tag all the time
 */
export async function replaceRows(
  client: ClusterClient,
  tag: string,
  entries: readonly TagEntry[],
  keeper: string,
  signal: AbortSignal,
): Promise<void> {
  for (let tried = 0; tried < replaceTriesMax; tried++) {
    const info = await readTagIfThere(client, tag, signal)
    const others: TagEntry[] = []
    if (info !== undefined) {
      for await (const {entry} of readAllEntries(client, tag, {signal})) {
        if (entry.type !== 'blob' || !entry.name.startsWith(keeper)) others.push(entry)
      }
    }
    try {
      const change = {type: 'replace', entries: [...others, ...entries]} as const
      await client.changeTag(tag, {change, ifVersion: info?.version.counter ?? 0}, {signal})
      return
    } catch (error) {
      if (!(error instanceof UserError) || error.code !== 'VERSION_CHANGED') throw error
    }
  }
  throw new ClusterError('OVERLOADED', `${tag} is being changed by others all the time`, {
    retryable: true,
    hint: 'run the rule again',
  })
}
