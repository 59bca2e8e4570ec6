/**
 * A text as a cell of a table in Markdown: one line, and inline text. What would begin something else there is written so that it does not.
 * An underline within a word begins nothing. The merge kernel (src/engine/merge-kernel/assembly/markdown-text.ts) does the same.
 */
export function markdownText(text: string): string {
  const plain = text.replace(marks, mark => entities[mark] ?? `\\${mark}`)
  return plain.replace(/\r\n|\r|\n/g, '<br>')
}

const marks = /[\\|`*[\]<&~]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu
const entities: Readonly<Record<string, string>> = {'<': '&lt;', '&': '&amp;'}
