export interface LegacyFlag {
  readonly 'legacy-api'?: boolean | undefined
}

/** What `--legacy-api` opens, for the person who starts it. */
export function legacyText({'legacy-api': isOpen}: LegacyFlag, url: string): string {
  if (isOpen !== true) return ''
  return `the interface of Disco is open without tokens at ${url}/disco and ${url}/ddfs: every program on this machine may submit jobs, read, write and delete data there\n`
}
