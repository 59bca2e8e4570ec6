/** The module that reads usual lines. */
import {byteVectors, kernelCalls, LineCode, type LineLayout} from './line-code.ts'
import {moduleBytes} from './module-bytes.ts'
import {emitAbsent} from './slot-code.ts'
import {emitStep, stepOf} from './step-code.ts'
import type {UsualLine} from './usual-line.ts'
import {codeKey, emitValue} from './value-code.ts'

export interface UsualLayout extends LineLayout {
  /** Lines read side by side. */
  readonly laneCount: number
}

/**
 * Makes the code for lines that look alike.
 *
 * It exports two functions of one kind, `readLanes` for `laneCount` lines side by side and `readLane` for one. Both get the address of
 * where the lanes stand (two words each: the place, and where the lane ends), of the area of the next line of the first lane, of the place
 * for the end of that line, and of that behind the last such place. They read rows of lines until a lane or the places end or a line is not
 * usual, and return the address for the end that would be next.
 */
export function usualCode(usual: UsualLine, layout: UsualLayout): Uint8Array {
  return moduleBytes(kernelCalls, [
    {name: 'readLanes', parameterCount: 4, code: rowCode(usual, layout, layout.laneCount)},
    {name: 'readLane', parameterCount: 4, code: rowCode(usual, layout, 1)},
  ])
}

function rowCode({values, end, absent}: UsualLine, layout: LineLayout, laneCount: number): LineCode['code'] {
  const line = new LineCode(laneCount, layout)
  const row = line.begin()
  const eachLane = (emit: (lane: number) => void): void => {
    for (let lane = 0; lane < laneCount; lane++) emit(lane)
  }
  for (const value of values) {
    const step = stepOf(value.step)
    eachLane(lane => {
      emitStep(line, lane, step)
      line.code.repeatable(`${lane} ${codeKey(value)}`, () => emitValue(line, lane, value))
    })
  }
  const last = stepOf(end)
  eachLane(lane => {
    emitStep(line, lane, last)
    for (const slot of absent) emitAbsent(line, lane, slot)
  })
  line.end(row)
  return line.code
}

/** What lies at `vectorsAt`. */
export function vectorBytes(): Uint8Array {
  return Uint8Array.from(Object.values(byteVectors).flatMap(byte => Array.from({length: 16}, () => byte)))
}
