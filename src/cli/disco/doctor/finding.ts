/** What the doctor says about one matter. */
export type Level = 'ok' | 'warn' | 'bad'

export interface Finding {
  readonly about: string
  readonly level: Level
  readonly text: string
  /** What to do about it; absent when all is well. */
  readonly advice?: string
}

export const fine = (about: string, text: string): Finding => ({about, level: 'ok', text})
export const warn = (about: string, text: string, advice: string): Finding => ({about, level: 'warn', text, advice})
export const bad = (about: string, text: string, advice: string): Finding => ({about, level: 'bad', text, advice})
