/** Things that make pieces of a merge: threads that do nothing else, and this one. */
import {availableParallelism} from 'node:os'
import type {MergedText} from '../engine/index.ts'
import type {Plan} from '../rules/index.ts'
import {giveWay} from './give-way.ts'
import {mergersBytesMin, mergersMax} from './limits.ts'
import {type MergePiece, PieceMerger} from './merge-piece.ts'
import type {ToScanner} from './scan-job.ts'
import {takeThread} from './spare-thread.ts'
import {Inbox} from './thread-inbox.ts'

export interface Merger {
  /** Pieces may be asked for before others are done; they are made in turn. */
  merge(piece: MergePiece): Promise<MergedText>
  /** Ends it at once, whatever it does. */
  close(): Promise<void>
}

/** In this thread, after it has given others their work. */
export function inlineMerger(plan: Plan): Merger {
  let merger: PieceMerger | undefined
  return {
    merge: async piece => {
      await giveWay()
      merger ??= new PieceMerger(plan)
      return merger.merge(piece)
    },
    close: async () => undefined,
  }
}

/** In a thread that loads no code of a rule. */
function threadMerger(plan: Plan): Merger {
  const thread = takeThread()
  const inbox = new Inbox(thread)
  const ask = (message: ToScanner): void => thread.postMessage(message)
  ask({type: 'open-merger', plan})
  return {
    async merge(piece) {
      ask({type: 'merge', piece})
      return (await inbox.next('merged')).merged
    },
    async close() {
      await thread.terminate()
    },
  }
}

/**
 * This thread and new ones, for runs that were scanned elsewhere.
 *
 * @param bytes - of the runs
 * @returns none when there is little to merge: whoever reads the text merges it
 */
export function mergersFor(plan: Plan, bytes: number): readonly Merger[] {
  const count = Math.min(mergersMax, availableParallelism())
  if (count === 1 || bytes < mergersBytesMin) return []
  return [inlineMerger(plan), ...Array.from({length: count - 1}, () => threadMerger(plan))]
}
