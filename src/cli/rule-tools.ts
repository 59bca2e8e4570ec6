/**
 * What commands beside `run` and `query` take from the project module when they run. A file of its own: would they load the
 * module itself, the bundler had to keep it in one piece for everybody.
 */
export {
  explainRule,
  explainText,
  formatNodeOf,
  inferInput,
  inferText,
  listingText,
  listRules,
  traceLine,
  traceText,
} from '../project/index.ts'
