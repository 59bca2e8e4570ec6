/** What `import {…} from 'disco-inferno/local'` gives: a whole job in this process, for trying it out and for tests. */
export {
  type InlineInput,
  LocalJob,
  type LocalJobOptions,
  type LocalStage,
  runLocally,
} from './worker/jobs/run-locally.ts'
