/** The inside of a rule thread: runs tasks that need no code of a rule, one at a time, until it is ended. */
import {parentPort} from 'node:worker_threads'
import {assert} from '../../base/index.ts'
import {runRuleTask} from './run-rule-task.ts'
import type {FromRuleThread, ToRuleThread} from './thread-messages.ts'
import type {VerifiedFile} from './types.ts'

export function serveRuleTasks(): void {
  const port = parentPort
  assert(port !== null, 'this file runs as a worker thread')
  const say = (message: FromRuleThread): void => port.postMessage(message)
  port.on('message', ({work, spec, headers}: ToRuleThread) => {
    const ports = {
      headers,
      progress: (progress: {records: number; bytes: number}) => say({type: 'progress', ...progress}),
      verified: (file: VerifiedFile) => say({type: 'verified', ...file}),
    }
    void runRuleTask({work, module: null}, spec, ports).then(result => say({type: 'result', result}))
  })
}
