/**
 * The process that runs tasks of one job, one at a time. Compiled code is asked for before anything else is loaded: that is why
 * the rest is behind an import.
 */
import {enableCompileCache} from 'node:module'

/** Where Node keeps it; nothing when the parent keeps none. */
const codeCache = process.argv[2]
if (codeCache !== undefined) enableCompileCache(codeCache)
void import('./serve-tasks.ts').then(({serveTasks}) => serveTasks())
