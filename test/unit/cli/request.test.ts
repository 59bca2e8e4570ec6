import {describe, expect, test} from 'vitest'
import {manifest, typed} from '../../../src/cli/manifest.ts'
import {otherWords} from '../../../src/cli/other-words.ts'
import {parseRequest, suggestions} from '../../../src/cli/request.ts'
import {commands} from './commands.ts'

const request = (line: string, called = '/usr/bin/disco-inferno') =>
  parseRequest(line === '' ? [] : line.split(' '), called, commands)

describe('a command line', () => {
  test('names a command by topic and verb and leaves the rest to it', () => {
    expect(request('inferno run a.ts --format csv')).toEqual({
      type: 'command',
      id: 'inferno:run',
      args: ['a.ts', '--format', 'csv'],
    })
    expect(request('completion bash')).toEqual({type: 'command', id: 'completion', args: ['bash']})
  })

  test('that is empty or ends at a topic asks for help', () => {
    expect(request('')).toEqual({type: 'help', subject: ''})
    expect(request('inferno')).toEqual({type: 'help', subject: 'inferno'})
    expect(request('disco')).toEqual({type: 'help', subject: 'disco'})
  })

  test.each([
    'inferno run --help',
    'inferno run a.ts -h',
    'help inferno run',
    '--help inferno run',
    'inferno run --json --help',
  ])('asks for help on a command: %s', line => expect(request(line)).toEqual({type: 'help', subject: 'inferno:run'}))

  test('passes on what stands behind --', () => {
    expect(request('inferno run -- --help')).toEqual({type: 'command', id: 'inferno:run', args: ['--', '--help']})
  })

  test('lets a command give -h a meaning of its own', () => {
    expect(request('inferno host -h x')).toEqual({type: 'command', id: 'inferno:host', args: ['-h', 'x']})
    expect(request('inferno host --help')).toEqual({type: 'help', subject: 'inferno:host'})
  })

  test('is unknown from the first word that means nothing', () => {
    expect(request('inferno rn a.ts')).toEqual({type: 'unknown', words: ['inferno', 'rn']})
    expect(request('rn')).toEqual({type: 'unknown', words: ['rn']})
    expect(request('rn --help')).toEqual({type: 'unknown', words: ['rn']})
    expect(request('--wrong')).toEqual({type: 'unknown', words: ['--wrong']})
    expect(request('inferno --json run')).toEqual({type: 'unknown', words: ['inferno', '--json']})
  })

  test('does not take names that every object has for commands', () => {
    expect(request('constructor')).toEqual({type: 'unknown', words: ['constructor']})
    expect(request('inferno toString')).toEqual({type: 'unknown', words: ['inferno', 'toString']})
  })
})

describe('the name the tool is called by', () => {
  test.each(['inferno', '/opt/x/node_modules/.bin/inferno', 'inferno.js'])('puts its topic in front: %s', called => {
    expect(request('run a.ts', called)).toEqual({type: 'command', id: 'inferno:run', args: ['a.ts']})
    expect(request('', called)).toEqual({type: 'help', subject: 'inferno'})
    expect(request('help run', called)).toEqual({type: 'help', subject: 'inferno:run'})
  })

  test.each(['disco-inferno', '/x/bin/run.js', ''])('means nothing otherwise: %s', called => {
    expect(request('run', called)).toEqual({type: 'unknown', words: ['run']})
  })
})

describe('suggestions', () => {
  test.each([
    ['inferno rn', ['inferno run']],
    ['inferno ruls', ['inferno rules']],
    ['run', ['inferno run']],
    ['infernal', ['inferno']],
    ['complation', ['completion']],
    ['ddfs run', ['inferno run']],
    ['ddfs pus', ['ddfs push']],
    ['inferno completion', ['completion']],
    ['inferno run-now', ['inferno wake']],
    ['run-now', ['inferno wake']],
    ['ddfs run-now', []],
    ['xyzzy', []],
  ])('for %s', (line, expected) => {
    expect(suggestions(line.split(' '), commands)).toEqual(expected)
  })

  test('for words of other tools name commands that there are, and no command', () => {
    const known = Object.keys(manifest.commands).map(typed)
    for (const [command, words] of Object.entries(otherWords)) {
      expect(known).toContain(command)
      const [topic] = command.split(' ')
      for (const word of words) expect(known).not.toContain(`${topic} ${word}`)
    }
  })
})
