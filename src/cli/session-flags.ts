/** The parsed flags of run-flags.ts that a session looks at. */
export interface SessionFlags {
  readonly format?: string | undefined
  readonly out?: string | undefined
  readonly rows: number
  readonly top?: string | undefined
  readonly having?: string | undefined
  readonly sample?: number | undefined
  readonly engine?: string | undefined
  readonly 'max-bad'?: string | undefined
  readonly 'bad-out'?: string | undefined
  readonly threads?: number | undefined
  readonly memory?: string | undefined
  readonly quiet: boolean
  readonly json?: boolean | undefined
}
