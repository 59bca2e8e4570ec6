/**
 * The Ink application around the monitor's frames: the alternate screen of a terminal, with keys.
 *
 * Loaded only for a screen. `createElement` and not JSX, so that Node runs this file as it is: tests run it in a terminal.
 *
 * A frame has one line less than the terminal, so that Ink never has to clear it: it writes the lines that changed. Only
 * after a resize, when nobody knows what the terminal made of the old frame, all lines are written again.
 */
import {Box, render, Text, useInput} from 'ink'
import {createElement, type ReactNode} from 'react'
import {frameMs} from '../limits.ts'
import {frameLines} from './frame.ts'
import {type KeyName, keyNames} from './keys.ts'
import type {MonitorModel} from './model.ts'

export interface MonitorScreen {
  draw(model: MonitorModel): void
  /** Draws everything again: something else wrote to the terminal. */
  redraw(): void
  /** Gives the terminal back as it was, at once; harmless when repeated. */
  close(): void
  /** Resolves when the terminal has everything; rejects when drawing failed. */
  readonly closed: Promise<void>
}

export interface ScreenOptions {
  readonly stdout: NodeJS.WriteStream
  readonly stdin: NodeJS.ReadStream
  readonly onKey: (key: KeyName) => void
  /** Called before anything is drawn in the new size. Returns the model in that size. */
  readonly onResize: (columns: number, rows: number) => MonitorModel
}

interface ViewProps {
  readonly model: MonitorModel
  readonly onKey: (key: KeyName) => void
}

/** One text a line: an empty one would have no height. */
function MonitorView({model, onKey}: ViewProps): ReactNode {
  useInput((input, key) => {
    for (const name of keyNames(input, key)) onKey(name)
  })
  const lines = frameLines(model).map((line, index) =>
    createElement(Text, {key: index, wrap: 'truncate'}, line === '' ? ' ' : line),
  )
  return createElement(Box, {flexDirection: 'column'}, lines)
}

/** Takes the terminal: alternate screen, raw keys. The caller owes it a `close`, also when `closed` rejects. */
export function openMonitorScreen(model: MonitorModel, options: ScreenOptions): MonitorScreen {
  const {stdout, stdin, onKey, onResize} = options
  const viewOf = (model: MonitorModel): ReactNode => createElement(MonitorView, {model, onKey})
  // Before Ink's own listener, which draws at once: by then the old frame is gone and the new one has the right size.
  const onSize = (): void => {
    const model = onResize(stdout.columns, stdout.rows)
    instance.clear()
    instance.rerender(viewOf(model))
  }
  stdout.on('resize', onSize)
  // Ink does this after the first frame: a Ctrl-C in between would be a signal to the shell's whole line.
  stdin.setRawMode(true)
  const instance = render(viewOf(model), {
    stdout,
    stdin,
    stderr: stdout,
    patchConsole: false,
    exitOnCtrlC: false,
    interactive: true,
    alternateScreen: true,
    incrementalRendering: true,
    maxFps: 1000 / frameMs,
  })
  let isClosed = false
  return {
    draw: model => instance.rerender(viewOf(model)),
    // All that is done after a resize, in the same size.
    redraw: () => void stdout.emit('resize'),
    close() {
      if (isClosed) return
      isClosed = true
      stdout.off('resize', onSize)
      instance.unmount()
      stdin.setRawMode(false)
    },
    closed: instance.waitUntilExit().then(() => undefined),
  }
}
