/** What the files of a job hold, by the pack that it was submitted with. */
import {open} from 'node:fs/promises'
import {isDiscoPack, type JobResults} from '../../../protocol/index.ts'

const magicBytes = 4

/** @returns `bytes` for a pack of Disco: its workers write what they like @throws Node's error when the pack cannot be read */
export async function resultFormatOf(packPath: string): Promise<NonNullable<JobResults['format']>> {
  const file = await open(packPath, 'r')
  try {
    const {buffer, bytesRead} = await file.read(Buffer.alloc(magicBytes), 0, magicBytes, 0)
    return isDiscoPack(buffer.subarray(0, bytesRead)) ? 'bytes' : 'pairs'
  } finally {
    await file.close()
  }
}
