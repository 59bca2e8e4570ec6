/** Entry of the one executable: a command line, or a part of the program that another process of ours asks for. `start-single.js`, which runs first, has answered `--version`. */
import {embeddedAddon, partWord} from './product/index.ts'

/** Parts that run in processes of their own. */
const parts: Readonly<Record<string, () => Promise<void>>> = {
  'job-process': async () => (await import('./worker/jobs/process/serve-tasks.ts')).serveTasks(),
}

// The package of SQLite asks for it (scripts/build/bundle.mjs).
Object.assign(globalThis, {[Symbol.for('disco-inferno.addon')]: embeddedAddon})

const args = process.argv.slice(2)
const word = args[0] ?? ''
const part = word.startsWith(partWord) ? parts[word.slice(partWord.length)] : undefined
if (part !== undefined) {
  void part()
} else {
  // Not awaited: a reader that closes our pipe early would leave a top-level await pending (exit status 13).
  void import('./cli/index.ts').then(({main}) => main(args, process.argv[1] ?? ''))
}
