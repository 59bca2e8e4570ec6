/** Enough lines for several threads, made as the demo makes them. */
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'

/** Lines of about 60 bytes: more than one scanner would be given. */
const recordCount = 400_000

export function writeAdLogs(): {readonly path: string; readonly recordCount: number; remove(): void} {
  const folder = mkdtempSync(join(tmpdir(), 'ad-logs-'))
  const path = join(folder, 'ads.ndjson')
  const lines = Array.from(
    {length: recordCount},
    (_, n) => `{"time":"${1_330_930_800_000 + n}","size":"${n % 7}x${n % 3}","n":${n}}\n`,
  )
  writeFileSync(path, lines.join(''))
  return {path, recordCount, remove: () => rmSync(folder, {recursive: true, force: true})}
}
