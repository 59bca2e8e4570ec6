import {execFileSync} from 'node:child_process'
import {describe, expect, test} from 'vitest'
import {completionScript} from '../../../../src/cli/completion/script.ts'
import {commands} from '../commands.ts'

const script = completionScript('bash', commands)

/** What bash would offer for a line; the last word is the one being typed. */
function offered(...words: string[]): string[] {
  const driver = `${script}
COMP_WORDS=("$@")
COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
_disco_inferno
printf '%s\\n' "\${COMPREPLY[@]}"`
  const output = execFileSync('bash', ['-uc', driver, 'bash', ...words], {encoding: 'utf8'})
  return output.split('\n').filter(line => line !== '')
}

describe('the bash script', () => {
  test('offers topics, commands and flags of the tool', () => {
    expect(offered('disco-inferno', '')).toEqual(['inferno', 'disco', 'ddfs', 'completion', '--help', '--version'])
    expect(offered('disco-inferno', 'd')).toEqual(['disco', 'ddfs'])
  })

  test('offers the verbs of a topic', () => {
    expect(offered('disco-inferno', 'inferno', 'r')).toEqual(['run', 'rules'])
  })

  test('puts the topic in front for the names that are topics, also with a path', () => {
    expect(offered('inferno', 'r')).toEqual(['run', 'rules'])
    expect(offered('./bin/ddfs', '')).toEqual(['push', '--help'])
    expect(offered('disco', '')).toEqual(['--help'])
  })

  test('offers the flags of a command, hidden ones aside', () => {
    expect(offered('inferno', 'run', '--')).toEqual(['--format', '--input', '--quiet', '--no-quiet', '--help'])
    expect(offered('disco-inferno', 'inferno', 'run', 'a.ts', '--f')).toEqual(['--format'])
  })

  test('offers the values of a flag, also behind = and the short form', () => {
    expect(offered('inferno', 'run', '--format', '')).toEqual(['csv', 'table'])
    expect(offered('inferno', 'run', '-f', 't')).toEqual(['table'])
    expect(offered('inferno', 'run', '--format', '=')).toEqual(['csv', 'table'])
    expect(offered('inferno', 'run', '--format', '=', 'c')).toEqual(['csv'])
  })

  test('offers the values of an argument', () => {
    expect(offered('disco-inferno', 'completion', '')).toEqual(['bash', 'zsh'])
  })

  test('leaves file names to bash where a file can stand', () => {
    expect(offered('inferno', 'run', '')).toEqual([])
    expect(offered('inferno', 'run', '--input', '')).toEqual([])
  })

  test('is registered for every name, with file names as the fallback', () => {
    const registered = execFileSync('bash', ['-c', `${script}\ncomplete -p ddfs disco disco-inferno inferno`], {
      encoding: 'utf8',
    })
    expect(registered.trim().split('\n')).toEqual(
      ['ddfs', 'disco', 'disco-inferno', 'inferno'].map(name => `complete -o default -F _disco_inferno ${name}`),
    )
  })
})
