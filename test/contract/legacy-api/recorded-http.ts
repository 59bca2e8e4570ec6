/** Every form of a request that clients and workers made to the original, with the beginning of an answer (`recorded-http.txt`). */
import {readFileSync} from 'node:fs'
import {join} from 'node:path'

export interface RecordedForm {
  /** `GET /ddfs/tag/TAG [range] 404`: method, path, headers that matter, status. */
  readonly key: string
  readonly count: number
  readonly method: string
  readonly version: '1.0' | '1.1'
  readonly headers: readonly string[]
  readonly status: number
  readonly phrase: string
  readonly type: string | undefined
  /** The first hundred bytes or so. */
  readonly body: string
}

const linePattern = /^ *(\d+) +:\d+ (\w+) (\S+) HTTP\/(1\.[01]) \[([^\]]*)\] -> (\d+) (.*?) \((\S+)\) +b(['"])(.*)\9$/

export function recordedForms(): RecordedForm[] {
  const text = readFileSync(join(import.meta.dirname, 'recorded-http.txt'), 'utf8')
  return text
    .trimEnd()
    .split('\n')
    .map(line => {
      const match = linePattern.exec(line)
      if (match === null) throw new Error(`no recorded request: ${line}`)
      const [, count, method = '', path, version, headers = '', status, phrase = '', type, , body = ''] = match
      return {
        key: `${method} ${path} [${headers}] ${status}${version === '1.0' ? ' 1.0' : ''}`,
        count: Number(count),
        method,
        version: version as '1.0' | '1.1',
        headers: headers === '' ? [] : headers.split(', '),
        status: Number(status),
        phrase,
        type: type === '-' ? undefined : type,
        body: body.replaceAll('\\n', '\n').replaceAll('\\\\', '\\'),
      }
    })
}

/** Not compared, and why. Each is told apart from what is compared by its form. */
export const exempt: readonly (readonly [what: string, pattern: RegExp, shown: string, why: string])[] = [
  ['times of the day', /\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d/g, 'TIME', 'they pass'],
  [
    'the volume of a blob',
    /\/vol(\d)\.[0-9a-f]{64}\//g,
    '/vol$1/',
    'ours carries the hash of the blob (docs/from-disco.md)',
  ],
  ['names before a stamp, and stamps', /[\w:@-]+\$[0-9a-f]+-[0-9a-f]+-[0-9a-f]+/g, 'NAME$$STAMP', 'given by the clock'],
  ['names of jobs', /\w+@[0-9a-f]+:[0-9a-f]+:[0-9a-f]+/g, 'JOB', 'given by the clock'],
  ['folders of hashes', /\/[0-9a-f]{2}\//g, '/HH/', 'they follow from names'],
  [
    'numbers of runs in indexes',
    /-\d+-\d+\.results/g,
    '-TASK-RUN.results',
    'microseconds there, a number of ours here',
  ],
  ['ports', /localhost:\d+/g, 'localhost:PORT', 'free ones in a test'],
  ['counts', /(?<=[,:[])\d+(?=[,}\]])/g, '0', 'of another cluster in another state'],
]

export const masked = (text: string): string =>
  exempt.reduce((rest, [, pattern, shown]) => rest.replace(pattern, shown), text)

/** What is recorded may end in the middle of a word. */
export const maskedBeginning = (text: string): string => masked(text).replace(/[^,:[\]{}"]*$/, '')
