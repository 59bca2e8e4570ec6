/** Which field holds the time of a record, where nobody said so. */
import {findInputs, peekStandardInput} from '../worker/index.ts'
import {readFirst} from './findings/missing-fields.ts'
import type {GuessedFormat} from './infer/guess-format.ts'

/**
 * `time` of formats that always have it, else the first field of the first records that is a time by its name and values.
 *
 * @throws UserError INPUT_NOT_FOUND, INPUT_UNREADABLE
 */
export async function guessTimeField(inputs: readonly string[], format: GuessedFormat): Promise<string | undefined> {
  if (format.format === 'common-log' || format.format === 'combined-log') return 'time'
  if (format.format === 'regex' && /\(\?P?<time>/.test(format.pattern)) return 'time'
  const file = findInputs(inputs).files.find(({bytes = 0}) => bytes > 0)
  const first =
    file !== undefined
      ? await readFirst(file, format)
      : inputs.includes('-')
        ? await readFirst(beginning(await peekStandardInput()), format)
        : undefined
  const times = (first?.fields ?? []).filter(({role}) => role === 'time').map(({name}) => name)
  return times.includes('time') ? 'time' : times[0]
}

const beginning = (bytes: Uint8Array): Parameters<typeof readFirst>[0] => ({
  name: '(stdin)',
  path: undefined,
  bytes: undefined,
  compression: 'none',
  async *open() {
    yield bytes
  },
})
