/** The part of `inferno explain` that asks the cluster: what the rule's tags are now. */
import {ClusterError, formatBytes, messageOf, printable, UserError} from '../base/index.ts'
import type {ClusterClient} from '../client/index.ts'
import {keptText, type RuleTarget, readsTags, skipLines, type TagDryRun, tagDryRun} from '../project/index.ts'
import {parametersOf, type RuleFlags, sourceOf} from './rule-targets.ts'

/** What the cluster says, or why it says nothing. */
export type TagsNow =
  | {readonly type: 'known'; readonly run: TagDryRun}
  | {readonly type: 'unknown'; readonly why: string}

/**
 * Tags as a run with these flags would choose them: parameters of the settings count.
 *
 * @returns undefined for a rule that reads no tags
 */
export async function explainTags(
  target: RuleTarget,
  flags: RuleFlags,
  client: () => Promise<ClusterClient>,
): Promise<TagsNow | undefined> {
  if (!readsTags(target.rule)) return undefined
  try {
    const {params} = await parametersOf(flags)
    const run = await tagDryRun({
      source: sourceOf(target),
      params,
      cluster: await client(),
      overrides: {},
      force: false,
      usesCache: true,
      keepsBad: false,
      nowMs: Date.now(),
      signal: new AbortController().signal,
    })
    return {type: 'known', run}
  } catch (error) {
    if (!(error instanceof UserError || error instanceof ClusterError)) throw error
    return {type: 'unknown', why: messageOf(error)}
  }
}

/** Tags by name; of many the first ones. */
const tagsShownMax = 20

/** With those of inner rules below, each under its name. Begins with an empty line. */
export function tagsText(now: TagsNow): string {
  if (now.type === 'unknown') return `\ntags        not looked up: ${printable(now.why)}\n`
  const {tags, blobs, bytes, skipReason} = now.run
  const lines = tags.slice(0, tagsShownMax).map(({tag, blobs: count, bytes: size, archived}) => {
    const done = archived === 0 ? '' : `, ${archived} done already`
    return `${printable(tag)}  ${blobCount(count)}, ${formatBytes(size)}${done}`
  })
  if (tags.length > tagsShownMax) lines.push(`… and ${tags.length - tagsShownMax} more`)
  lines.push(`${blobCount(blobs.length)}, ${formatBytes(bytes)} to read${skipReason === null ? '' : `: ${skipReason}`}`)
  const kept = now.run.kept === null || blobs.length === 0 ? '' : `\ncached      ${keptText(now.run)}\n`
  const own = lines.map((line, index) => `${index === 0 ? 'tags      ' : '          '}  ${line}\n`).join('')
  const skips = skipLines(now.run)
    .map((line, index) => `${index === 0 ? '\nskips     ' : '          '}  ${line}\n`)
    .join('')
  return `\n${own}${kept}${skips}${now.run.inner.map(run => `\n${run.rule}${tagsText({type: 'known', run})}`).join('')}`
}

const blobCount = (count: number): string => (count === 1 ? '1 blob' : `${count} blobs`)
