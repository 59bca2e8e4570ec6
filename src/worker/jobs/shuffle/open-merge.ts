/** Opens any number of sections as one stream, with bounded memory and files: beyond the limit they are merged in passes. */
import {rmSync} from 'node:fs'
import {ShuffleFileWriter} from './file-writer.ts'
import {mergeFanInMax} from './limits.ts'
import {Merge, type RecordStream} from './merge.ts'
import {SectionCursor, type SectionSource} from './section-cursor.ts'
import {type Combine, writeStream} from './shuffle-writer.ts'

export interface OpenMergeOptions {
  /** Temporary files are made here, and removed when the stream is closed. */
  readonly folder: string
  readonly fanInMax?: number
  /** Applied while passes are made, not to the stream itself. */
  readonly combine?: Combine
}

/**
 * @param sources - in the order that equal keys shall have; each sorted by key
 * @throws InputLostError
 */
export function openMerge(sources: readonly SectionSource[], options: OpenMergeOptions): RecordStream {
  const fanInMax = options.fanInMax ?? mergeFanInMax
  const made: string[] = []
  const removeMade = (): void => {
    for (const path of made) rmSync(path, {force: true})
  }
  try {
    let level = [...sources]
    while (level.length > fanInMax) {
      const next: SectionSource[] = []
      for (let start = 0; start < level.length; start += fanInMax) {
        const path = `${options.folder}/merge-${made.length}.part`
        made.push(path)
        next.push(mergeTo(path, level.slice(start, start + fanInMax), options.combine))
      }
      level = next
    }
    const merge = new Merge(cursorsOf(level))
    return {
      next: () => merge.next(),
      close: () => {
        merge.close()
        removeMade()
      },
    }
  } catch (error) {
    removeMade()
    throw error
  }
}

function mergeTo(path: string, sources: readonly SectionSource[], combine: Combine | undefined): SectionSource {
  const file = new ShuffleFileWriter(path, false)
  try {
    file.begin(0)
    writeStream(file, new Merge(cursorsOf(sources)), combine)
    const [section] = file.finish(false)
    return {type: 'file', name: path, path, offset: section!.offset, bytes: section!.bytes}
  } finally {
    file.close()
  }
}

const cursorsOf = (sources: readonly SectionSource[]): SectionCursor[] =>
  sources.map((source, order) => new SectionCursor(source, order))
