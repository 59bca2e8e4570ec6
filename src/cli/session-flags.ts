/** Which rows are shown to people, and with what. */
export interface ChosenRowsFlags {
  readonly percent?: readonly string[] | undefined
  readonly having?: string | undefined
  readonly top?: string | undefined
}

/** The parsed flags of run-flags.ts that a session looks at. */
export interface SessionFlags extends ChosenRowsFlags {
  readonly format?: string | undefined
  readonly out?: string | undefined
  readonly rows: number
  readonly sample?: number | undefined
  readonly engine?: string | undefined
  readonly 'max-bad'?: string | undefined
  readonly 'bad-out'?: string | undefined
  readonly threads?: number | undefined
  readonly memory?: string | undefined
  readonly quiet: boolean
  readonly json?: boolean | undefined
  readonly report?: string | undefined
}

/** Looking for what is hardly meant may take as long as the run: it is for who reads it. */
export const wantsFindings = ({quiet, json, report}: SessionFlags): boolean =>
  !quiet || json === true || report !== undefined
