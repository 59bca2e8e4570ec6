/**
 * One line on stderr while bytes move: how many, how fast, how long yet.
 *
 * No timer: it is drawn when bytes come, so a transfer that stands still shows a line that stands still. Off a terminal
 * nothing is drawn.
 */
import {formatBytes, printable} from '../base/index.ts'
import {frameMs, screenAfterMs} from './limits.ts'
import {progressStyle} from './progress.ts'
import {durationText, percentText, speedText} from './progress-text.ts'

export interface TransferLine {
  /** So many bytes more. */
  add(bytes: number): void
  /** A line that stays, above the moving one. */
  note(text: string): void
  close(): void
}

export interface TransferOptions {
  readonly stream: NodeJS.WriteStream
  /** What is going on: `pushing`. */
  readonly verb: string
  /** undefined: nobody knows. */
  readonly bytesTotal?: number | undefined
  readonly nowMs?: () => number
}

const eraseLine = '\r\u001B[2K'

/** Draws from `screenAfterMs` on: what is done sooner leaves no trace. Notes are written in any case, made printable. */
export function openTransferLine(options: TransferOptions): TransferLine {
  const {stream} = options
  const isDrawn = progressStyle({stream, isTty: stream.isTTY === true, env: process.env}) === 'screen'
  const nowMs = options.nowMs ?? Date.now
  const startedMs = nowMs()
  let drawnMs = startedMs - frameMs
  let bytesDone = 0
  let isShown = false

  function draw(): void {
    const at = nowMs()
    if (!isDrawn || at - startedMs < screenAfterMs || at - drawnMs < frameMs) return
    drawnMs = at
    isShown = true
    const columns = Math.max(10, (stream.columns ?? 80) - 1)
    stream.write(
      eraseLine + transferText(options.verb, bytesDone, options.bytesTotal, at - startedMs).slice(0, columns),
    )
  }

  return {
    add(bytes) {
      bytesDone += bytes
      draw()
    },
    note(text) {
      stream.write(`${isShown ? eraseLine : ''}${printable(text)}\n`)
      isShown = false
    },
    close() {
      if (isShown) stream.write(eraseLine)
      isShown = false
    },
  }
}

/** `pushing 120 MB of 1.0 GB (12 %) · 480 MB/s · 2 s left`. Pure. */
export function transferText(verb: string, done: number, total: number | undefined, elapsedMs: number): string {
  const bytesPerSecond = elapsedMs <= 0 ? 0 : (done * 1000) / elapsedMs
  const amount =
    total === undefined
      ? formatBytes(done)
      : `${formatBytes(done)} of ${formatBytes(total)} (${percentText(total === 0 ? 1 : Math.min(1, done / total)).trim()})`
  const parts = [`${verb} ${amount}`, speedText(bytesPerSecond)]
  if (total !== undefined && bytesPerSecond > 0 && total > done) {
    parts.push(`${durationText(((total - done) / bytesPerSecond) * 1000)} left`)
  }
  return parts.join(' · ')
}
