/** The inside of a rule thread: runs tasks that need no code of a rule, one at a time, until it is ended. */
import {isDeepStrictEqual} from 'node:util'
import {parentPort} from 'node:worker_threads'
import {assert} from '../../base/index.ts'
import {runRuleTask} from './run-rule-task.ts'
import {type LoadedWork, WaitingScanner} from './task-scanner.ts'
import type {FromRuleThread, ToRuleThread} from './thread-messages.ts'
import type {VerifiedFile} from './types.ts'

/** Returns at once, and answers messages from then on. @throws InvariantError outside of a worker thread */
export function serveRuleTasks(): void {
  const port = parentPort
  assert(port !== null, 'this file runs as a worker thread')
  const say = (message: FromRuleThread): void => port.postMessage(message)
  let present: LoadedWork | undefined
  port.on('message', ({work, spec, headers}: ToRuleThread) => {
    // The tasks of a job come with a copy each.
    if (present === undefined || !isDeepStrictEqual(present.work, work))
      present = {work, module: null, waiting: new WaitingScanner()}
    const ports = {
      headers,
      progress: (progress: {records: number; bytes: number}) => say({type: 'progress', ...progress}),
      verified: (file: VerifiedFile) => say({type: 'verified', ...file}),
    }
    void runRuleTask(present, spec, ports).then(result => say({type: 'result', result}))
  })
}
