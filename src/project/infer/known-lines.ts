/** Lines of logs that everybody has, told by their beginnings and read by a regular expression. */

export interface KnownLines {
  /** For a note. */
  readonly name: string
  /** RE2, and a RegExp of JavaScript as well; its groups become the fields. */
  readonly pattern: string
  /** Its field `time` may lack the year. */
  readonly isYearless?: boolean
  /** A line that the pattern fits by chance. */
  readonly isOther?: (groups: Readonly<Record<string, string | undefined>>) => boolean
}

/** RFC 3339, as far as it is needed to tell a time from other words. */
const isoTime = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S*`
const bsdTime = String.raw`[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d`
const levels = /^(?:trace|debug|info|notice|warn|warning|error|fatal|critical)$/i

/** The narrow ones first. */
export const knownLines: readonly KnownLines[] = [
  {
    name: 'lines of a container runtime (CRI)',
    pattern: `^(?<time>${isoTime}) (?<stream>stdout|stderr) (?<part>[FP]) (?<log>.*)$`,
  },
  {
    name: 'syslog lines (RFC 5424)',
    pattern: String.raw`^<\d{1,3}>1 (?<time>\S+) (?<host>\S+) (?<app>\S+) (?<pid>\S+) (?<id>\S+) (?<data>-|\[.*?\]) ?(?<message>.*)$`,
  },
  {
    name: 'syslog lines',
    pattern: String.raw`^(?:<\d{1,3}>)?(?<time>${bsdTime}|${isoTime}) (?<host>\S+) (?<app>[^\s:\[]+)(?:\[(?<pid>[^\]]*)\])?: (?<message>.*)$`,
    isYearless: true,
    // `2026-11-23T10:00:00Z INFO main: …` is how many programs write.
    isOther: ({host = ''}) => levels.test(host),
  },
]

/** Those that a share of the lines fits, at least; undefined: none. */
export function knownLinesOf(lines: readonly string[], shareMin: number): KnownLines | undefined {
  return knownLines.find(({pattern, isOther}) => {
    const regExp = new RegExp(pattern)
    const fits = (line: string): boolean => {
      const groups = regExp.exec(line)?.groups
      return groups !== undefined && isOther?.(groups) !== true
    }
    return lines.filter(fits).length >= lines.length * shareMin
  })
}
