/** Files of this machine, read without streams. */
import {type FileHandle, open} from 'node:fs/promises'
import {messageOf, printable, UserError} from '../../base/index.ts'
import {isCompressed, magicBytes, readBytes} from './text.ts'

/** One read: few calls, and Ctrl-C is heard between two of them. Bytes. */
export const fileReadBytes = 4 << 20

/** Read where the end should be; a file that has grown goes on there. Bytes. */
const behindEndBytes = 64 * 1024

export interface InputFile extends AsyncDisposable {
  /** Goes on where the last read ended. @returns 0 at the end */
  read(into: Buffer): Promise<number>
  /** Its length now. */
  bytes(): Promise<number>
}

interface NamedFile {
  readonly text: string
}

/** @throws UserError INPUT_UNREADABLE, also from `read` */
export async function openFile({text}: NamedFile): Promise<InputFile> {
  const handle = await orUnreadable(text, open(text))
  return {
    read: async into => (await orUnreadable(text, handle.read(into, 0, into.length, null))).bytesRead,
    bytes: async () => (await handle.stat()).size,
    [Symbol.asyncDispose]: () => handle.close(),
  }
}

/**
 * The bytes of a file, to its end. While a piece is used the next is read. Pieces belong to whoever gets them.
 *
 * @param file - `bytes`: its length as far as known; it may have changed
 * @throws UserError INPUT_UNREADABLE; the reason of `signal`
 */
export async function* readPieces(
  file: NamedFile & {readonly bytes?: number},
  signal?: AbortSignal,
): AsyncGenerator<Buffer> {
  await using opened = await openFile(file)
  let restBytes = file.bytes ?? readBytes
  const read = async (): Promise<Buffer> => {
    const piece = Buffer.allocUnsafeSlow(restBytes > 0 ? Math.min(readBytes, restBytes) : behindEndBytes)
    const byteCount = await opened.read(piece)
    restBytes -= byteCount
    return piece.subarray(0, byteCount)
  }
  let reading = read()
  for (;;) {
    const piece = await reading
    if (piece.length === 0) return
    signal?.throwIfAborted()
    reading = read()
    // Awaited in its turn, or never: then nobody wants to know.
    reading.catch(() => undefined)
    yield piece
  }
}

/** Does it begin as gzip and zstd do? */
export async function isCompressedFile(input: NamedFile): Promise<boolean> {
  await using file = await openFile(input)
  const begin = Buffer.alloc(magicBytes)
  return isCompressed(begin.subarray(0, await file.read(begin)))
}

async function orUnreadable<Result extends FileHandle | {bytesRead: number}>(
  text: string,
  work: Promise<Result>,
): Promise<Result> {
  try {
    return await work
  } catch (error) {
    throw new UserError('INPUT_UNREADABLE', `${printable(text)} cannot be read: ${printable(messageOf(error))}`, {
      cause: error,
    })
  }
}
