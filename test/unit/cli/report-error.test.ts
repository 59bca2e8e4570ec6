import {describe, expect, test} from 'vitest'
import {UserError} from '../../../src/base/index.ts'
import {reportOf} from '../../../src/cli/report-error.ts'
import {commands} from './commands.ts'

const plain = {command: commands['inferno:run'], called: 'disco-inferno', isJson: false}
const json = {...plain, isJson: true}

/** What oclif throws, by the parts that are looked at. */
const oclifError = (message: string, parts: object): Error => Object.assign(new Error(message), parts)

describe('an error of the user', () => {
  const error = new UserError('RULE_NOT_FOUND', 'there is no rule "x"', {hint: 'see the rules with: inferno rules'})

  test('is a message and a hint on stderr, without a stack', () => {
    expect(reportOf(error, plain)).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: 'Error: there is no rule "x"\nHint: see the rules with: inferno rules\n',
    })
  })

  test('is one object on stdout with --json', () => {
    const {exitCode, stdout, stderr} = reportOf(error, json)
    expect({exitCode, stderr}).toEqual({exitCode: 1, stderr: ''})
    expect(JSON.parse(stdout)).toEqual({
      error: {code: 'RULE_NOT_FOUND', message: 'there is no rule "x"', hint: 'see the rules with: inferno rules'},
    })
  })

  test('leaves out a hint that there is none of', () => {
    const error = new UserError('BAD_RULE', 'no')
    expect(reportOf(error, plain).stderr).toBe('Error: no\n')
    expect(JSON.parse(reportOf(error, json).stdout)).toEqual({error: {code: 'BAD_RULE', message: 'no'}})
  })

  test.each([
    ['--format=jsonl', 'csv, table, json, ndjson', '--format ndjson'],
    ['--format=tabel', 'csv, table, json, ndjson', '--format table'],
    ['--from=jsonl', 'json, csv, tsv', '--from json'],
    ['--mode=jsonl', 'append, add, replace', undefined],
  ])('of a value that a flag does not take, %s, says what was perhaps meant', (given, known, meant) => {
    const error = oclifError(`Expected ${given} to be one of: ${known}\nSee more help with --help`, {oclif: {exit: 2}})
    const {stderr} = reportOf(error, plain)
    if (meant === undefined) expect(stderr).not.toContain('did you mean')
    else expect(stderr).toContain(`Hint: did you mean ${meant}? Otherwise see how it is used with:`)
  })

  test('decides the exit status', () => {
    expect(reportOf(new UserError('BAD_FLAG', 'no', {exitCode: 2}), plain).exitCode).toBe(2)
  })

  test('is no error to whoever interrupted', () => {
    const report = reportOf(new UserError('INTERRUPTED', 'stopped after 5 lines', {exitCode: 130}), plain)
    expect(report).toEqual({exitCode: 130, stdout: '', stderr: 'stopped after 5 lines\n'})
  })
})

describe('an error of the command line', () => {
  test('is a message, a pointer to the help of the command, and status 2', () => {
    const error = oclifError('Missing 1 required arg:\ntarget  what it is\n\nNote: --x …\nSee more help with --help', {
      oclif: {exit: 2},
      parse: {},
    })
    expect(reportOf(error, plain)).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: 'Error: TARGET is missing\nHint: see how it is used with: disco-inferno inferno run --help\n',
    })
  })

  test('names the flag that has the word in it, or that other tools call so; a short word that is merely like another is no guess', () => {
    const words = ['top', 'key', 'out', 'to', 'yes', 'day-start', 'input', 'explode']
    const command = {...commands['inferno:run']!, flags: Object.fromEntries(words.map(word => [word, {}]))} as never
    const guessed = (flag: string): string | undefined => {
      const error = oclifError(`Nonexistent flag: ${flag}`, {oclif: {exit: 2}, flags: [flag]})
      return /did you mean (\S+)\?/.exec(reportOf(error, {command, called: 'disco-inferno', isJson: false}).stderr)?.[1]
    }
    expect(['--day', '--start', '--sort', '--limit', '--group-by', '--unnest'].map(guessed)).toEqual([
      '--day-start',
      '--day-start',
      '--top',
      '--top',
      '--key',
      '--explode',
    ])
    expect(['--outt', '--inptu', '--exp', '--dry', '--tab'].map(guessed)).toEqual([
      '--out',
      '--input',
      '--explode',
      undefined,
      undefined,
    ])
  })

  test('says how an input is named that stands alone', () => {
    const error = oclifError('Unexpected argument: logs/a.json\nSee more help with --help', {oclif: {exit: 2}})
    expect(reportOf(error, plain).stderr).toContain(
      'Error: logs/a.json is one word too many; an input is named with --input logs/a.json\n',
    )
  })

  test('names the flag that was perhaps meant', () => {
    const parts = {oclif: {exit: 2}, parse: {}, flags: ['--fromat']}
    const {stderr} = reportOf(oclifError('Nonexistent flag: --fromat\nSee more help with --help', parts), plain)
    expect(stderr).toBe(
      'Error: there is no flag --fromat\n' +
        'Hint: did you mean --format? Otherwise see how it is used with: disco-inferno inferno run --help\n',
    )
  })

  test('about the value of a flag names the flag in one sentence', () => {
    const parts = {oclif: {exit: 2}, parse: {}}
    const message = 'Parsing --sample \n\tExpected an integer but received: x\nSee more help with --help'
    expect(reportOf(oclifError(message, parts), plain).stderr).toMatch(
      /^Error: --sample: expected an integer but received: x\nHint: see how/,
    )
  })

  test('has the code BAD_FLAG', () => {
    const error = oclifError('no', {oclif: {exit: 2}, parse: {}})
    expect(JSON.parse(reportOf(error, json).stdout)).toMatchObject({error: {code: 'BAD_FLAG', message: 'no'}})
  })
})

test('a command that asks for an exit status gets it and nothing is printed', () => {
  const error = oclifError('EEXIT: 3', {oclif: {exit: 3}, code: 'EEXIT'})
  expect(reportOf(error, plain)).toEqual({exitCode: 3, stdout: '', stderr: ''})
})

describe('anything else', () => {
  test('is a bug: its stack, its causes and status 70', () => {
    const {exitCode, stderr} = reportOf(new TypeError('x is not a function', {cause: new Error('inner')}), plain)
    expect(exitCode).toBe(70)
    expect(stderr).toMatch(/TypeError: x is not a function\n\s+at .*report-error\.test/)
    expect(stderr).toMatch(/caused by: Error: inner/)
    expect(stderr).toMatch(/This is a bug in disco-inferno/)
  })

  test('is an object on stdout too with --json', () => {
    expect(JSON.parse(reportOf('thrown text', json).stdout)).toEqual({error: {code: 'BUG', message: 'thrown text'}})
  })

  test('ends when causes go in a circle', () => {
    const error = new Error('round')
    error.cause = error
    expect(reportOf(error, plain).stderr.match(/caused by/g)).toHaveLength(5)
  })
})
