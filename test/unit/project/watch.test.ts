import {EventEmitter} from 'node:events'
import {afterEach, beforeEach, expect, test, vi} from 'vitest'
import {ClusterError, UserError} from '../../../src/base/index.ts'
import {watchUntilStopped} from '../../../src/project/watch.ts'

class FakeWatcher extends EventEmitter {
  add = (): void => undefined
  close = async (): Promise<void> => undefined
}

let watcher = new FakeWatcher()
vi.mock('chokidar', () => ({
  watch: () => {
    setImmediate(() => watcher.emit('ready'))
    return watcher
  },
}))

let written = ''
beforeEach(() => {
  watcher = new FakeWatcher()
  written = ''
  vi.spyOn(process.stderr, 'write').mockImplementation(text => {
    written += String(text)
    // Each time it waits, something changes.
    if (String(text).startsWith('watching')) setImmediate(() => watcher.emit('all'))
    return true
  })
})
afterEach(() => void vi.restoreAllMocks())

/** Ends the watch: a bug is not waited out. */
const end = new Error('the test ends')

/** Runs that fail one after the other, then `end`. */
async function watchRuns(...failures: Error[]): Promise<void> {
  const run = async (): Promise<never> => {
    throw failures.shift() ?? end
  }
  await expect(watchUntilStopped({run, ruleFiles: async () => [], inputs: []})).rejects.toBe(end)
}

test('an error of a run is shown without escape codes of its message and hint', async () => {
  await watchRuns(new UserError('BAD_RULE', 'no \u001b[2Jrule', {hint: 'look \u001b[1mthere'}))
  expect(written).toContain('Error: no \\u001b[2Jrule\nHint: look \\u001b[1mthere\nwatching for changes')
})

test('a sink that is away for a moment does not end the watch', async () => {
  await watchRuns(new ClusterError('UNAVAILABLE', 'the sink does not answer'))
  expect(written).toContain('Error: the sink does not answer\nwatching for changes')
})

test('what cannot be watched is told once and does not end the watch', async () => {
  setImmediate(() => {
    watcher.emit('error', new Error('ENOSPC: no more watches'))
    watcher.emit('error', new Error('ENOSPC: no more watches'))
  })
  await watchRuns(new UserError('BAD_RULE', 'no rule'))
  expect(written.match(/not everything is watched: ENOSPC: no more watches\n/g)).toHaveLength(1)
})
