/** For which uses of the core its compiled code is kept, each for itself: what both call is in both, and nothing else is read for nothing. */

/** Commands whose compiled code is worth keeping. */
export const keepingCommands = new Set(['inferno-query', 'inferno-run', 'disco-run'])

/** Of those the ones that read files which they name. For one that reads with threads more is called, which is kept for itself, too. */
export const readingCommands = new Set(['inferno-query', 'inferno-run'])

/** The command of these words, of which the first is the program, when its code is kept: of `inferno query`, `disco-inferno inferno query`. */
export function commandOf([program = '', ...words] = []) {
  const topic = /(?:^|[/\\])(disco|inferno)$/.exec(program)?.[1]
  const command = (topic === undefined || words[0] === topic ? words : [topic, ...words]).slice(0, 2).join('-')
  return keepingCommands.has(command) ? command : undefined
}

/** A run that names no files reads tags: it calls less of the core, and what only it calls is in the script after the core. */
const isOverTags = (command, words) => command === 'inferno-run' && !words.some(word => /^(--input|-\w*i)/.test(word))

/**
 * Other commands call some of what queries call.
 *
 * @param command - by `commandOf`
 * @param words - of its command line
 */
export const codeNameOf = (command, words, hasThread) =>
  isOverTags(command, words) ? overTags : `${command ?? 'inferno-query'}${hasThread ? '-with-thread' : ''}`

/** Of both scripts in a run over tags, and of the script after the core in all others. */
export const overTags = 'inferno-run-over-tags'

/**
 * The use that this thread makes of the core, from its command line or from what it was told. Where the command reads files, a thread is started
 * for them before all else: it takes as long to get ready as this one takes to read the command line.
 *
 * @param command - by `commandOf`
 * @param threadData - of a scanning thread; undefined: this is the main thread
 * @param startThreadFor - starts one for these words when they ask for it; says whether it did
 */
export function codeNameOfCore(command, threadData, startThreadFor) {
  if (threadData !== undefined) return codeNameOf(command, ['--input'], true)
  const words = process.argv.slice(2)
  return codeNameOf(command, words, readingCommands.has(command) && startThreadFor(words))
}
