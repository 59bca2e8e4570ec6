/** The first bytes of standard input, without taking them from who reads it. */
import {once} from 'node:events'
import {UserError} from '../base/index.ts'
import {decodedChunks} from './decoded-chunks.ts'

/**
 * Waits for the first bytes that somebody writes there.
 *
 * @returns what they are when they are unpacked; nothing when nothing comes, or for an archive whose beginning says nothing
 */
export async function peekStandardInput(): Promise<Uint8Array> {
  const {stdin} = process
  const chunk: unknown = stdin.read() ?? (await nextChunk(stdin))
  if (!(chunk instanceof Uint8Array)) return new Uint8Array()
  stdin.unshift(chunk)
  return await unpacked(chunk)
}

async function nextChunk(stdin: NodeJS.ReadStream): Promise<unknown> {
  // At the end of the input there is something to be read as well: null.
  await once(stdin, 'readable')
  return stdin.read()
}

/** The beginning of an archive ends in the middle: what came before that is enough. */
async function unpacked(head: Uint8Array): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  const input = {
    name: '(stdin)',
    path: undefined,
    bytes: undefined,
    compression: undefined,
    async *open() {
      yield head
    },
  }
  try {
    for await (const chunk of decodedChunks(input, () => undefined)) chunks.push(chunk.slice())
  } catch (error) {
    // Whatever is wrong with it is told by who reads it all.
    if (!(error instanceof UserError)) throw error
  }
  return Buffer.concat(chunks)
}
