/**
 * A shell command in lines of at most `columns`, to be pasted as it stands: broken at spaces outside quotes, lines joined by
 * a backslash. A single word that is longer stays whole.
 */
export function wrapCommand(command: string, columns: number): string {
  const [first = '', ...words] = command.match(shellWord) ?? []
  const lines = [first]
  for (const word of words) {
    const longer = `${lines.at(-1)} ${word}`
    // Two columns for the backslash that a later break needs.
    if (longer.length + 2 <= columns) lines[lines.length - 1] = longer
    else lines.push(`    ${word}`)
  }
  return lines.join(' \\\n')
}

/** Characters without spaces, with quoted stretches as they are. */
const shellWord = /(?:[^\s'"]|'[^']*'|"[^"]*")+/g
