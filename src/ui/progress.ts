/**
 * Live progress on stderr: a screen on a terminal, plain lines elsewhere, nothing when quiet.
 *
 * The screen is loaded when the first update comes after screenAfterMs; until then nothing is printed but notes. No timer
 * runs here: updates carry the time.
 */
import type {Writable} from 'node:stream'
import {messageOf, printable} from '../base/index.ts'
import {frameMs, plainIntervalMs, screenAfterMs, screenColumnsMin, screenRowsMin} from './limits.ts'
import {type Phase, type ProgressModel, type ProgressSnapshot, progressAfter} from './progress-model.ts'
import type {ProgressScreen} from './progress-screen.tsx'
import {progressLine} from './progress-text.ts'

export interface ProgressOptions {
  /** Where it goes, process.stderr as a rule. */
  readonly stream: Writable & {readonly columns?: number; readonly rows?: number}
  readonly isTty: boolean
  readonly env: Readonly<Record<string, string | undefined>>
  /** Terminal size when the stream does not know it. */
  readonly columns?: number
  readonly rows?: number
  /** Print nothing, notes included. */
  readonly quiet?: boolean
  /** Time between two plain lines. */
  readonly plainIntervalMs?: number
}

export interface ProgressDisplay {
  /** Shows the latest state; call it as often as convenient. */
  update(snapshot: ProgressSnapshot): void
  /** Prints a line that stays, above the screen if there is one. The text must be safe for a terminal (`printable`). */
  note(line: string): void
  /**
   * Removes the screen and gives the terminal back; harmless when repeated. Print results and the account after it.
   */
  close(): Promise<void>
}

export type ProgressStyle = 'screen' | 'plain' | 'quiet'

/** Which display a run gets. NO_COLOR, TERM=dumb and CI each turn all decoration off, as does anything but a terminal. */
export function progressStyle({isTty, env, quiet, stream, columns, rows}: ProgressOptions): ProgressStyle {
  if (quiet) return 'quiet'
  const isPlainWanted = Boolean(env.NO_COLOR) || env.TERM === 'dumb' || isSet(env.CI)
  if (!isTty || isPlainWanted) return 'plain'
  const isTooSmall =
    (stream.columns || columns || screenColumnsMin) < screenColumnsMin ||
    (stream.rows || rows || screenRowsMin) < screenRowsMin
  return isTooSmall ? 'plain' : 'screen'
}

/** Opens the display that suits the stream and the environment. */
export function openProgress(options: ProgressOptions): ProgressDisplay {
  switch (progressStyle(options)) {
    case 'quiet':
      return {update: ignore, note: ignore, close: () => Promise.resolve()}
    case 'plain':
      return openPlain(options.stream, options.plainIntervalMs ?? plainIntervalMs)
    case 'screen':
      return openLazyScreen(options)
  }
}

function openPlain(stream: Writable, intervalMs: number): ProgressDisplay {
  const lines = openLines(stream)
  let model: ProgressModel | undefined
  let printedMs = 0
  return {
    update(snapshot) {
      model = progressAfter(model, snapshot)
      if (snapshot.elapsedMs - printedMs < intervalMs) return
      printedMs = snapshot.elapsedMs
      lines.print(progressLine(model))
    },
    note: lines.print,
    close: lines.close,
  }
}

function openLazyScreen(options: ProgressOptions): ProgressDisplay {
  const {stream} = options
  const lines = openLines(stream)
  let model: ProgressModel | undefined
  let notes: string[] = []
  let drawn: {readonly atMs: number; readonly phase: Phase} | undefined
  let loading: Promise<void> | undefined
  let screen: ProgressScreen | undefined
  let plain: ProgressDisplay | undefined
  let isClosed = false

  const draw = (): void => {
    if (!screen || !model) return
    drawn = {atMs: model.elapsedMs, phase: model.phase}
    screen.draw(model, notes)
  }
  const load = async (): Promise<void> => {
    try {
      const {openScreen} = await import('./progress-screen.tsx')
      if (isClosed) return
      screen = openScreen(stream as NodeJS.WriteStream, options.columns ?? 80)
      draw()
    } catch (error) {
      // A run is worth more than its progress bar.
      plain = openPlain(stream, options.plainIntervalMs ?? plainIntervalMs)
      plain.note(`no progress screen: ${printable(messageOf(error))}`)
    }
  }
  return {
    update(snapshot) {
      if (isClosed) return
      if (plain) return plain.update(snapshot)
      model = progressAfter(model, snapshot)
      if (snapshot.elapsedMs < screenAfterMs) return
      if (!screen) loading ??= load()
      else if (!drawn || drawn.phase !== model.phase || model.elapsedMs - drawn.atMs >= frameMs) draw()
    },
    note(line) {
      if (isClosed || !screen) return lines.print(line)
      notes = [...notes, line]
      draw()
    },
    async close() {
      if (isClosed) return
      isClosed = true
      await loading
      await screen?.close()
      await plain?.close()
      await lines.close()
    },
  }
}

/** Prints lines to a stream whose reader may go away: then there is nobody to tell, and the run goes on. */
function openLines(stream: Writable): {print(line: string): void; close(): Promise<void>} {
  let isBroken = false
  const onError = (): void => {
    isBroken = true
  }
  stream.on('error', onError)
  return {
    print(line) {
      if (!isBroken) stream.write(`${line}\n`)
    },
    async close() {
      if (isBroken) return
      // Errors of the last lines come with their callbacks; a broken stream keeps its listener.
      const error = await new Promise<Error | null | undefined>(resolve => stream.write('', resolve))
      if (!error && !isBroken) stream.off('error', onError)
    },
  }
}

/** CI systems say `CI=true` or a name; `CI=false` and `CI=0` mean none. */
function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== 'false' && value !== '0'
}

function ignore(): undefined {
  return undefined
}
