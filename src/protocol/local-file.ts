/**
 * A file of a node for a process on the same machine, which reads it where it is instead of through a connection.
 *
 * Who asks names its machine in a header. A node on that machine answers with the place of the file and no content; others, and nodes of
 * before, with the content. Who asked opens the file and compares what it is: paths of another file system may look the same.
 */

export const machineHeader = 'x-disco-machine'
export const localFileHeader = 'x-disco-local-file'

export interface LocalFile {
  readonly path: string
  /** Device and number of the file, as decimal digits, and its size. */
  readonly device: string
  readonly inode: string
  readonly bytes: number
}

/** Header text: ASCII, whatever the path holds. */
export const localFileText = (file: LocalFile): string => encodeURIComponent(JSON.stringify(file))

/** @returns undefined for what is none */
export function parseLocalFile(text: string): LocalFile | undefined {
  let file: Readonly<Record<string, unknown>> | null
  try {
    file = JSON.parse(decodeURIComponent(text)) as Readonly<Record<string, unknown>> | null
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof URIError) return undefined
    throw error
  }
  const {path, device, inode, bytes} = file ?? {}
  const isOne =
    typeof path === 'string' && typeof device === 'string' && typeof inode === 'string' && typeof bytes === 'number'
  return isOne ? {path, device, inode, bytes} : undefined
}
