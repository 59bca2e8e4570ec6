/** Entry of a rule thread. */
import {serveRuleTasks} from './serve-rule-tasks.ts'

serveRuleTasks()
