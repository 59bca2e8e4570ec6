/** The archive: what is done stands a second time, under the archived name of its tag (spec 10). */
import {ClusterError, messageOf} from '../../base/index.ts'
import {appendEntries, type ClusterClient} from '../../client/index.ts'
import type {BlobEntry, UrlEntry} from '../../protocol/index.ts'
import {archivedName, type ChosenBlob, isArchive} from '../../rules/index.ts'
import {type AttemptOptions, withAttempts} from './attempts.ts'
import type {InputChoice} from './choose-input.ts'
import type {StoredEntry} from './read-store.ts'

/** Entries by the archived name that they are put under. */
export type Marks = readonly (readonly [name: string, entries: readonly (BlobEntry | UrlEntry)[]])[]

/**
 * What is to be marked when the chosen blobs are done.
 *
 * A blob that stands in several tags is marked under each of them, also where it was done under another one only: a later run may
 * ask for that tag alone.
 */
export function marksOf(choice: InputChoice): Marks {
  const {archivePrefix, archivedNames} = choice
  if (archivePrefix === undefined) return []
  const done = new Set([...choice.chosen, ...choice.archived].map(({entry}) => entry.identity))
  const marks = new Map<string, (BlobEntry | UrlEntry)[]>()
  const mark = ({tag, entry}: ChosenBlob<StoredEntry>): void => {
    if (isArchive(tag, archivePrefix) || !done.has(entry.identity)) return
    const name = archivedName(tag, archivePrefix)
    if (archivedNames.get(name)?.has(entry.identity) === true) return
    const list = marks.get(name)
    if (list) list.push(entry.entry)
    else marks.set(name, [entry.entry])
  }
  for (const list of [choice.chosen, choice.repeated, choice.archived]) for (const one of list) mark(one)
  return [...marks]
}

/** Tags under whose archived names something of these marks stands: who reads one of them, with the same prefix, reads what is marked. */
export function markedTagsOf({archivePrefix, chosen, repeated, archived}: InputChoice, marks: Marks): string[] {
  if (archivePrefix === undefined) return []
  const names = new Set(marks.map(([name]) => name))
  const tags = new Set([chosen, repeated, archived].flatMap(list => list.map(({tag}) => tag)))
  return [...tags].filter(tag => names.has(archivedName(tag, archivePrefix)))
}

/**
 * Puts entries under their archived names. Marking again adds nothing.
 *
 * @throws ClusterError, UserError when a mark could not be set (D38): the rows are delivered then, and the next run does the rest
 */
export async function markArchived(client: ClusterClient, marks: Marks, attempts: AttemptOptions): Promise<void> {
  for (const [name, entries] of marks) {
    try {
      await withAttempts(attempts, () => appendEntries(client, name, entries, {signal: attempts.signal}))
    } catch (error) {
      attempts.signal.throwIfAborted()
      const code = error instanceof ClusterError ? error.code : 'UNAVAILABLE'
      throw new ClusterError(
        code,
        `the rows are delivered, but ${entries.length} blobs could not be marked as done under ${name}: ${messageOf(error)}`,
        {
          cause: error,
          hint: 'run the rule again: with a sink that knows its batches it only marks them, otherwise their rows come a second time',
        },
      )
    }
  }
}
