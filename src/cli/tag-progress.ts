/** How far a run over tags is: its job, as `disco run` shows it, while there is one; before and after it, phases as over files. */
import type {JobInfo} from '../protocol/index.ts'
import {type JobProgress, openJobProgress, openProgress, type ProgressDisplay} from '../ui/index.ts'

export interface TagProgress extends ProgressDisplay {
  /** The latest state of the job; the last one of a run replaces those before. */
  job(info: JobInfo): void
}

/** @param quiet - shows nothing, notes included */
export function openTagProgress(stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv, quiet: boolean): TagProgress {
  const display = openProgress({stream, isTty: stream.isTTY === true, env, quiet})
  let shown: JobProgress | undefined
  const closeJob = (): void => {
    shown?.close()
    shown = undefined
  }
  return {
    job(info) {
      if (quiet) return
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
