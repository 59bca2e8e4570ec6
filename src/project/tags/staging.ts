/** What rows on their way to a result tag leave behind: they stand under a tag of their rule until they are where they belong. */
import {type ClusterClient, isTagMissing, listAllTags} from '../../client/index.ts'
import {type AttemptOptions, withAttempts} from './attempts.ts'
import {stagingAgeMsMax} from './limits.ts'
import {stagingPrefix, stagingTag} from './own-tags.ts'

/**
 * Empties the staging tag of a rule whose rows are under their result tag, of what killed runs left there too. Another run of the
 * rule that is at the same point loses nothing: its rows are stored, and it knows their names.
 *
 * Rules that are never run again leave theirs to others: what nobody changed for a day goes with it.
 */
export async function clearStaging(
  client: ClusterClient,
  rule: string,
  nowMs: number,
  attempts: AttemptOptions,
): Promise<void> {
  const {signal} = attempts
  const own = stagingTag(rule)
  await withAttempts(attempts, () => client.changeTag(own, {change: {type: 'replace', entries: []}}, {signal}))
  for await (const {tag, modifiedAtMs} of listAllTags(client, stagingPrefix)) {
    if (tag === own || nowMs - modifiedAtMs < stagingAgeMsMax) continue
    try {
      await client.changeTag(tag, {change: {type: 'delete'}}, {signal})
    } catch (error) {
      // Another run has done it.
      if (!isTagMissing(error)) throw error
    }
  }
}
