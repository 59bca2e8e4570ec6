/** How far a run over tags is: its job, as `disco run` shows it, while there is one; before and after it, phases as over files. */
import type {JobInfo} from '../protocol/index.ts'
import {type JobProgress, openJobProgress, openProgress, type ProgressDisplay} from '../ui/index.ts'

export interface TagProgress extends ProgressDisplay {
  /**
   * The latest state of a job; the last one of a run replaces those before. Of the jobs of rules among the sources, which go on at the
   * same time, one is shown until it ends; that of the rule itself takes its place.
   */
  job(info: JobInfo, isOutermost: boolean): void
}

const goesOn = ({state}: JobInfo): boolean => state === 'queued' || state === 'running' || state === 'paused'

/** @param quiet - shows nothing, notes included */
export function openTagProgress(stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv, quiet: boolean): TagProgress {
  const display = openProgress({stream, isTty: stream.isTTY === true, env, quiet})
  let shown: JobProgress | undefined
  let last: JobInfo | undefined
  const closeJob = (): void => {
    shown?.close()
    shown = undefined
  }
  return {
    job(info, isOutermost) {
      if (quiet) return
      if (last !== undefined && last.job !== info.job) {
        if (!isOutermost && goesOn(last)) return
        closeJob()
      }
      last = info
      shown ??= openJobProgress({stream, env})
      shown.update(info)
    },
    update(snapshot) {
      // The job's lines say the same, and more.
      if (shown !== undefined && snapshot.phase === 'scan') return
      closeJob()
      display.update(snapshot)
    },
    note(line) {
      if (shown === undefined) display.note(line)
      else shown.note(line)
    },
    async close() {
      closeJob()
      await display.close()
    },
  }
}
