/** Files of this machine, read without streams. */
import {type FileHandle, open} from 'node:fs/promises'
import {messageOf, printable, UserError} from '../../base/index.ts'
import {isCompressed, magicBytes} from './text.ts'

/** One read: few calls, and Ctrl-C is heard between two of them. Bytes. */
export const fileReadBytes = 4 << 20

export interface InputFile extends AsyncDisposable {
  /** Goes on where the last read ended. @returns 0 at the end */
  read(into: Buffer): Promise<number>
}

interface NamedFile {
  readonly text: string
}

/** @throws UserError INPUT_UNREADABLE, also from `read` */
export async function openFile({text}: NamedFile): Promise<InputFile> {
  const handle = await orUnreadable(text, open(text))
  return {
    read: async into => (await orUnreadable(text, handle.read(into, 0, into.length, null))).bytesRead,
    [Symbol.asyncDispose]: () => handle.close(),
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
