export {pageHandler} from './page-handler.ts'
export {rulesHandler} from './rule-folders.ts'
export {readRuleStates} from './rule-states.ts'
