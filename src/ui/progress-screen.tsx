/** The Ink application around the progress view. Loaded only when there is a terminal to draw on. */
import {Readable} from 'node:stream'
import {render, Static, Text} from 'ink'
import type {ReactNode} from 'react'
import {frameMs} from './limits.ts'
import type {ProgressModel} from './progress-model.ts'
import {Progress} from './progress-view.tsx'

export interface ProgressScreen {
  /** @param notes - all so far; a new array when there is a new one, as React compares */
  draw(model: ProgressModel, notes: string[]): void
  /** Removes the screen, gives the cursor back, and waits until the terminal has it all. Notes stay. */
  close(): Promise<void>
}

/**
 * Opens a screen on a terminal. Keys are not read: Ctrl-C stays with the terminal and the caller.
 *
 * @param stream - a terminal, also in CI: the caller has decided that a screen is wanted
 * @param columns - used as long as the stream does not know its size
 */
export function openScreen(stream: NodeJS.WriteStream, columns: number): ProgressScreen {
  const viewOf = (model: ProgressModel, notes: string[]): ReactNode => (
    <>
      <Static items={notes}>{(note, index) => <Text key={index}>{note}</Text>}</Static>
      <Progress model={model} columns={stream.columns || columns} rows={stream.rows || fallbackRows} />
    </>
  )
  let instance: ReturnType<typeof render> | undefined
  return {
    draw(model, notes) {
      const view = viewOf(model, notes)
      if (instance) instance.rerender(view)
      else
        instance = render(view, {...inkOptions, stdout: stream, stderr: stream, stdin: new Readable({read: noInput})})
    },
    async close() {
      if (!instance) return
      // A frame that Ink still holds back would be drawn by unmount, after the clearing.
      await instance.waitUntilRenderFlush()
      instance.clear()
      instance.unmount()
      await instance.waitUntilExit()
    },
  }
}

const fallbackRows = 24

const inkOptions = {
  patchConsole: false,
  exitOnCtrlC: false,
  interactive: true,
  maxFps: 1000 / frameMs,
} as const

/** Stands in for stdin: merely naming process.stdin would set the pipe that the input may come from to non-blocking. */
function noInput(): undefined {
  return undefined
}
