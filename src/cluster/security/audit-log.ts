/**
 * Who changed what: one JSON object a line, in a file of the master that is bounded by an old one and a new one.
 *
 * Lines are written in their order and not synced one by one: what a crash takes are the last moments. A disk that is full
 * stops no change; the daemon's log says that lines are missing.
 */
import {appendFile, open, rename, stat} from 'node:fs/promises'
import {errorCodeOf, messageOf} from '../../base/index.ts'
import {type AuditLine, type EndpointName, endpoints} from '../../protocol/index.ts'
import type {Log} from '../run/log.ts'
import {auditBytesMax} from './limits.ts'

/** These are asked with a body, or move bytes, but change nothing that anybody has to answer for. */
const unaudited: ReadonlySet<EndpointName> = new Set<EndpointName>([
  'placeBlob',
  'keepBlobs',
  'locateBlobs',
  'findPartials',
  'readContents',
  'signBlobs',
  'upload',
  'check',
])

/** Whether requests to an endpoint are written down. */
export const isAudited = (name: EndpointName): boolean => {
  const {method} = endpoints[name]
  return method !== 'GET' && method !== 'HEAD' && !unaudited.has(name)
}

/** Ended by `close`, which waits for what is written. */
export class AuditLog {
  readonly #path: string
  readonly #log: Log
  readonly #bytesMax: number
  #waiting: string[] = []
  #writing: Promise<void> | undefined
  #bytes: number | undefined

  /** @param path - of the new file; the old one is `PATH.1` */
  constructor(path: string, log: Log, bytesMax = auditBytesMax) {
    this.#path = path
    this.#log = log
    this.#bytesMax = bytesMax
  }

  /** Returns at once and never fails: a line that cannot be written is lost, and the daemon's log says so. */
  write(line: AuditLine): void {
    this.#waiting.push(`${JSON.stringify(line)}\n`)
    this.#writing ??= this.#drain()
  }

  /** The last lines, oldest first. @param count - at most */
  async last(count: number): Promise<AuditLine[]> {
    await this.#writing
    const lines = [...(await linesOf(`${this.#path}.1`)), ...(await linesOf(this.#path))]
    return lines.slice(-count)
  }

  /** Waits for what was written. */
  async close(): Promise<void> {
    await this.#writing
  }

  async #drain(): Promise<void> {
    try {
      while (this.#waiting.length > 0) {
        const bytes = Buffer.from(this.#waiting.splice(0).join(''))
        this.#bytes ??= await sizeOf(this.#path)
        if (this.#bytes > 0 && this.#bytes + bytes.length > this.#bytesMax) {
          await rename(this.#path, `${this.#path}.1`)
          this.#bytes = 0
        }
        await appendFile(this.#path, bytes, {mode: 0o600})
        this.#bytes += bytes.length
      }
    } catch (error) {
      this.#log({level: 'error', msg: 'changes are not written down', path: this.#path, text: messageOf(error)})
    } finally {
      this.#writing = undefined
    }
  }
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return 0
    throw error
  }
}

async function linesOf(path: string): Promise<AuditLine[]> {
  let text: string
  try {
    await using file = await open(path)
    text = await file.readFile('utf8')
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return []
    throw error
  }
  return text.split('\n').flatMap(line => {
    try {
      return [JSON.parse(line) as AuditLine]
    } catch {
      // The empty end of the file, or a line that a crash cut off.
      return []
    }
  })
}
