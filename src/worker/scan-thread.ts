/**
 * Entry of a scanning thread. Compiled code is kept for each thread apart, and has to be asked for before anything else is loaded:
 * that is why the rest is behind an import.
 */
import {enableCompileCache} from 'node:module'
import {workerData} from 'node:worker_threads'
import type {ThreadData} from './scan-job.ts'

const {codeCache} = workerData as ThreadData
if (codeCache !== undefined) enableCompileCache(codeCache)
void import('./serve-scans.ts').then(({serveScans}) => serveScans())
