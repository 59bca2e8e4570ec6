/**
 * The log of a daemon: one JSON object a line, on stderr, with fixed keys (`ts level mod msg node tag blob ms code …`).
 * `msg` is constant text; data go into keys. Contents of records are never logged.
 */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

const order: readonly LogLevel[] = ['debug', 'info', 'warn', 'error']

export interface LogLine {
  readonly level: LogLevel
  readonly msg: string
  readonly [key: string]: unknown
}

export type Log = (line: LogLine) => void

/** @param mod - which part speaks: `master`, `agent`, `mesh` */
export type OpenLog = (mod: string) => Log

/** @param least - lines below this level are left out */
export function openLog(stream: NodeJS.WritableStream, least: LogLevel): OpenLog {
  return mod =>
    ({level, msg, ...keys}) => {
      if (order.indexOf(level) < order.indexOf(least)) return
      stream.write(`${JSON.stringify({ts: new Date().toISOString(), level, mod, msg, ...keys})}\n`)
    }
}
