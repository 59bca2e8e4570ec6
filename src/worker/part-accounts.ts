/**
 * Adds up what the parts of the input gave, in input order whatever order they come in: that makes samples and line
 * numbers the same for any number of scanners. Parts that are added up are forgotten, so their number does not matter.
 */
import {closeSync, openSync, readSync} from 'node:fs'
import {StringDecoder} from 'node:string_decoder'
import {type Account, addAccount, emptyAccount} from '../engine/index.ts'
import {readChunkBytes} from './limits.ts'
import type {PartResult} from './scan-job.ts'
import {unreadable} from './unreadable.ts'
import {type UnusedFiles, UnusedFilesFinder} from './unused-files.ts'

export interface BadLine {
  readonly file: string
  readonly line: number
  readonly reason: string
  readonly detail?: string
  readonly text: string
}

interface BadFile {
  readonly path: string
  readonly name: string
  readonly lineOffset: number
}

/** Each part once, numbered from 0 without gaps; what comes early waits, as a result, not as records. */
export class PartAccounts {
  readonly #total = emptyAccount()
  readonly #waiting = new Map<number, PartResult>()
  readonly #badFiles: BadFile[] = []
  readonly #unused = new UnusedFilesFinder()
  #nextPart = 0
  /** Lines of the file in hand before the next part. */
  #lines = 0
  #badCount = 0

  /** Bad records of all parts so far, those that wait for their turn included. */
  get badCount(): number {
    return this.#badCount
  }

  add(result: PartResult): void {
    this.#badCount += result.account.bad
    this.#waiting.set(result.part, result)
    for (let next = this.#take(); next !== undefined; next = this.#take()) {
      if (next.isFirst) this.#lines = 0
      addAccount(this.#total, next.account, this.#lines)
      this.#unused.add(next.name, next.isFirst, next.account)
      if (next.badFile !== null) this.#badFiles.push({path: next.badFile, name: next.name, lineOffset: this.#lines})
      this.#lines += next.lines
    }
  }

  #take(): PartResult | undefined {
    const next = this.#waiting.get(this.#nextPart)
    if (next !== undefined) this.#waiting.delete(this.#nextPart++)
    return next
  }

  /** The account of everything that can be put in order yet; after the last part, of everything. */
  get total(): Account {
    return this.#total
  }

  /** After the last part. */
  unusedFiles(): UnusedFiles {
    return this.#unused.found()
  }

  /** Bad lines in input order, read from where the scanners kept them. */
  *badLines(): Generator<BadLine> {
    for (const {path, name, lineOffset} of this.#badFiles) {
      for (const text of linesOf(path)) {
        const line = JSON.parse(text) as Omit<BadLine, 'file'>
        yield {file: name, ...line, line: line.line + lineOffset}
      }
    }
  }
}

/**
 * A file of bad lines can be as large as the input: it is read in pieces.
 *
 * @param span - the bytes of it that are lines; default: all
 */
export function* linesOf(
  path: string,
  span: {readonly from: number; readonly end: number} = {from: 0, end: Number.POSITIVE_INFINITY},
): Generator<string> {
  const decoder = new StringDecoder('utf8')
  const chunk = Buffer.alloc(readChunkBytes)
  const file = openSync(path, 'r')
  try {
    let rest = ''
    for (let at = span.from; at < span.end; ) {
      const count = readSync(file, chunk, 0, Math.min(chunk.length, span.end - at), at)
      if (count === 0) break
      at += count
      const lines = (rest + decoder.write(chunk.subarray(0, count))).split('\n')
      rest = lines.pop()!
      yield* lines
    }
  } catch (error) {
    throw unreadable(path, error)
  } finally {
    closeSync(file)
  }
}
