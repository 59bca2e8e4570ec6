/** Everything that changes what the page shows. */
import type {RuleFolders} from '../../protocol/index.ts'
import type {PaneName} from '../../ui/monitor/model.ts'
import type {Snapshot} from '../../ui/monitor/source.ts'

export type Action =
  | {readonly type: 'snapshot'; readonly snapshot: Snapshot; readonly nowMs: number}
  | {readonly type: 'rules'; readonly rules: RuleFolders}
  | {readonly type: 'failed'; readonly reason: string; readonly nowMs: number}
  /** The node answers, but not to this reader. */
  | {readonly type: 'refused'; readonly text: string}
  | {readonly type: 'tick'; readonly nowMs: number}
  | {readonly type: 'job-picked'; readonly job: string}
  | {readonly type: 'sorted'; readonly pane: PaneName; readonly column: number}
  | {readonly type: 'filtered'; readonly text: string}
  | {readonly type: 'all-jobs-wanted'}
  | {readonly type: 'paused'; readonly isPaused: boolean}
  | {readonly type: 'token-given'; readonly token: string}
  | {readonly type: 'token-forgotten'}
