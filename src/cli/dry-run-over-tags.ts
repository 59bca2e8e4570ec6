/** What a run over tags would do. Apart from runs, for it reads what they leave to the nodes. */
import {type TagDryRun, tagDryRun} from '../project/index.ts'
import {interruptSignal} from './interrupt-signal.ts'
import {openRuleSink} from './rule-sink.ts'
import type {TagSessionRequest} from './run-tags.ts'
import {overridesOf} from './tag-flags.ts'

// For callers that import this file when they run: the module itself the bundler would keep in one piece for everybody.
export {tagDryRunText} from '../project/index.ts'

/** Chooses and asks as the run would, reads and changes nothing. */
export async function tagSessionDryRun(request: TagSessionRequest): Promise<TagDryRun> {
  const {source, client, params, flags, settings} = request
  const sink = await openRuleSink(source, flags, settings, {isDryRun: true})
  const {signal, release} = interruptSignal('interrupted')
  try {
    return await tagDryRun({
      source,
      params,
      cluster: client,
      overrides: overridesOf(flags),
      force: flags.force === true,
      usesCache: flags['no-cache'] !== true && settings.cache !== false,
      keepsBad: flags['bad-out'] !== undefined,
      resultTag: flags['result-tag'],
      sink,
      nowMs: Date.now(),
      signal,
    })
  } finally {
    await sink?.close()
    release()
  }
}
