/** A cluster in a folder, which survives the process that fills it: blobs as files, tags as lines of JSON. */
import {appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {gunzipSync, zstdDecompressSync} from 'node:zlib'
import type {ChunkTarget} from '../../../../src/daemon/index.ts'
import type {BlobEntry} from '../../../../src/protocol/index.ts'

interface Line {
  readonly tag: string
  readonly entry: BlobEntry
}

export class FolderCluster implements ChunkTarget {
  readonly #folder: string
  /** Called before anything is done. */
  onCall: () => void = () => undefined

  constructor(folder: string) {
    this.#folder = folder
    mkdirSync(folder, {recursive: true})
  }

  async store(entry: BlobEntry, open: () => AsyncIterable<Uint8Array>): Promise<boolean> {
    this.onCall()
    const path = join(this.#folder, entry.blob)
    if (existsSync(path)) return true
    const parts: Uint8Array[] = []
    for await (const part of open()) parts.push(part)
    writeFileSync(`${path}.new`, Buffer.concat(parts))
    renameSync(`${path}.new`, path)
    return false
  }

  async append(tag: string, entry: BlobEntry): Promise<void> {
    this.onCall()
    if (this.entries().some(one => one.tag === tag && one.entry.name === entry.name)) return
    appendFileSync(join(this.#folder, 'tags'), `${JSON.stringify({tag, entry})}\n`)
  }

  entries(): Line[] {
    const path = join(this.#folder, 'tags')
    if (!existsSync(path)) return []
    return readFileSync(path, 'utf8')
      .split('\n')
      .filter(line => line !== '')
      .map(line => JSON.parse(line) as Line)
  }

  text({blob, codec}: BlobEntry): string {
    const bytes = readFileSync(join(this.#folder, blob))
    if (codec === 'plain') return bytes.toString()
    return (codec === 'gzip' ? gunzipSync(bytes) : zstdDecompressSync(bytes)).toString()
  }

  texts(): string[] {
    return this.entries().map(({entry}) => this.text(entry))
  }

  lines(): string[] {
    return this.texts().flatMap(text => text.split('\n').filter(line => line !== ''))
  }
}
