/** What a person names as input: a file, a URL, `-` for standard input, a tag. */
import {createReadStream, statSync} from 'node:fs'
import {basename} from 'node:path'
import {addAbortSignal, type Readable} from 'node:stream'
import {errorCodeOf, messageOf, printable, UserError} from '../../base/index.ts'
import {parseTagName} from '../../protocol/index.ts'
import type {ClusterClient} from '../cluster/cluster-client.ts'
import {openUrl} from './open-url.ts'
import {readTags} from './read-tags.ts'
import {readBytes, textOf} from './text.ts'

export interface Input {
  /** As the person wrote it. */
  readonly text: string
  /** File name, with its folders below the one that was named; of a URL the last part of its path; `stdin`. */
  readonly name: string
  /** `pipe`: a named one or a device, which can be read once. */
  readonly type: 'file' | 'pipe' | 'url' | 'stdin' | 'tag'
  /** Of files. */
  readonly bytes?: number
}

/**
 * @param name - what a file is called, if it is not its own name
 * @throws UserError INPUT_NOT_FOUND for a missing file or a folder; BAD_NAME for `tag://` and no name of a tag
 */
export function parseInput(text: string, name = basename(text)): Input {
  if (text === '-') return {text, name: 'stdin', type: 'stdin'}
  if (text.startsWith('tag://')) return {text, name: parseTagName(text.slice('tag://'.length)), type: 'tag'}
  if (/^https?:\/\//.test(text)) {
    if (!URL.canParse(text)) {
      throw new UserError('INPUT_NOT_FOUND', `"${printable(text)}" is not a URL`, {exitCode: 2})
    }
    return {text, name: basename(new URL(text).pathname) || new URL(text).hostname, type: 'url'}
  }
  const bytes = sizeOf(text)
  return bytes === undefined ? {text, name, type: 'pipe'} : {text, name, type: 'file', bytes}
}

/** undefined for what is not a regular file. */
function sizeOf(path: string): number | undefined {
  let stats: ReturnType<typeof statSync>
  try {
    stats = statSync(path)
  } catch (error) {
    const reason = errorCodeOf(error) === 'ENOENT' ? 'there is no such file' : messageOf(error)
    throw new UserError('INPUT_NOT_FOUND', `${printable(path)}: ${printable(reason)}`, {cause: error})
  }
  if (stats.isDirectory()) {
    throw new UserError('INPUT_NOT_FOUND', `${printable(path)} is a folder`, {hint: 'add -r to take all files in it'})
  }
  return stats.isFile() ? stats.size : undefined
}

/**
 * The bytes of an input as they are.
 *
 * @throws UserError INPUT_UNREADABLE; INPUT_NOT_FOUND for a URL that has nothing
 */
export async function* readInput(input: Input, client: ClusterClient, signal?: AbortSignal): AsyncGenerator<Buffer> {
  if (input.type === 'tag') {
    yield* readTags(client, [input.name], 'bytes', {signal})
    return
  }
  const stream = await openInput(input, client, signal)
  try {
    yield* stream as AsyncIterable<Buffer>
  } catch (error) {
    signal?.throwIfAborted()
    throw new UserError('INPUT_UNREADABLE', `${printable(input.text)} cannot be read: ${messageOf(error)}`, {
      cause: error,
    })
  }
}

async function openInput(input: Input, client: ClusterClient, signal: AbortSignal | undefined): Promise<Readable> {
  if (input.type === 'stdin') return signal === undefined ? process.stdin : addAbortSignal(signal, process.stdin)
  if (input.type === 'url') return openUrl(client.http, input.text, signal)
  return createReadStream(input.text, {highWaterMark: readBytes, ...(signal === undefined ? {} : {signal})})
}

/**
 * The text of an input: gzip and zstd are recognised by their first bytes and taken off. Of a tag, that of all its blobs.
 *
 * @throws UserError INPUT_UNREADABLE when the archive is broken or cut; as `readInput`
 */
export function readInputText(input: Input, client: ClusterClient, signal?: AbortSignal): AsyncGenerator<Buffer> {
  if (input.type === 'tag') return readTags(client, [input.name], 'text', {signal})
  return textOf(readInput(input, client, signal), input.text, signal)
}
