/** The process that runs tasks of one job, one at a time. */
import {serveTasks} from './serve-tasks.ts'

serveTasks()
