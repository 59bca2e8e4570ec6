/** Entry of a scanning thread. In the product an import that waits is one of the core, which is loaded with its compiled code. */
import {workerData} from 'node:worker_threads'

// The loader of the core asks for it. It does not look for itself, because node:worker_threads takes a millisecond in the main thread.
Object.assign(globalThis, {[Symbol.for('disco-inferno.thread')]: workerData})
void import('./serve-scans.ts').then(({serveScans}) => serveScans())
