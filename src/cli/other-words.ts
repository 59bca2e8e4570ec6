/** Words that people know from other tools for what a command here does. They are not commands: only who types one is told. */

/** By command, as it is typed after the name of the tool. */
export const otherWords: Readonly<Record<string, readonly string[]>> = {
  'inferno wake': ['run-now', 'runnow', 'trigger', 'kick', 'force'],
  'inferno daemon': ['serve', 'schedule', 'start', 'watch'],
  'inferno rules': ['list', 'ls'],
  'disco jobs': ['ps', 'list', 'ls'],
  'disco kill': ['cancel', 'abort'],
  'ddfs push': ['put', 'upload', 'add'],
  'ddfs get': ['download', 'pull', 'fetch'],
  'ddfs rm': ['delete', 'remove', 'del', 'unlink'],
  'ddfs ls': ['list', 'dir'],
}

/** Commands of a topic, all when it is empty, that do what the word means elsewhere. */
export function commandsFor(word: string, topic: string): readonly string[] {
  return Object.entries(otherWords).flatMap(([command, words]) =>
    words.includes(word) && (topic === '' || command.startsWith(`${topic} `)) ? [command] : [],
  )
}
