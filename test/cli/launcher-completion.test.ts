import {expect, test} from 'vitest'
import {manifest, typed} from '../../src/cli/manifest.ts'
import {runShell} from './launcher-run.ts'

/** Sources the script of the built program in bash and completes the last word of each line. @returns what is offered for each */
function offeredForEach(lines: readonly (readonly string[])[]): string[][] {
  const asked = lines.map(
    words => `COMP_WORDS=(${words.map(word => `'${word}'`).join(' ')})
COMP_CWORD=${words.length - 1}
COMPREPLY=()
_disco_inferno
printf '%s\\n' "\${COMPREPLY[@]}" ''`,
  )
  const {stdout, stderr} = runShell(['source <("$node" "$tool" completion bash)', ...asked].join('\n'))
  expect(stderr).toBe('')
  // An empty line ends what is offered for one.
  return stdout
    .split('\n\n')
    .slice(0, -1)
    .map(offer => offer.split('\n').filter(word => word !== ''))
}

const offered = (...words: string[]): string[] => offeredForEach([words])[0]!

test('bash completes every command of the built program', () => {
  const commands = Object.keys(manifest.commands).map(typed)
  /** Words that stand behind `path` in any command, each once. */
  const wordsAfter = (path: string): string[] => [
    ...new Set(
      commands
        .filter(command => command.startsWith(`${path} `))
        .map(command => command.slice(path.length + 1).split(' ')[0]!),
    ),
  ]
  expect(offered('disco-inferno', '')).toEqual(expect.arrayContaining(['inferno', 'disco', 'ddfs', 'completion']))
  expect(offered('inferno', '')).toEqual([...wordsAfter('inferno'), '--help'])
  expect(offered('inferno', 'archive', '')).toEqual(['list', 'reset'])
  expect(offered('inferno', 'runs', '')).toEqual(['show'])
  expect(offered('disco-inferno', 'completion', 'f')).toEqual(['fish'])
})

test('bash completes every flag of every command', () => {
  const commands = Object.values(manifest.commands)
  const expected = commands.map(command => {
    const flags = Object.values(command.flags).filter(flag => flag.hidden !== true)
    const words = flags.flatMap(flag => (flag.allowNo ? [`--${flag.name}`, `--no-${flag.name}`] : [`--${flag.name}`]))
    return [...words, '--help']
  })
  // One shell for all: each start of the program takes longer than all of its answers.
  expect(offeredForEach(commands.map(({id}) => ['disco-inferno', ...id.split(':'), '--']))).toEqual(expected)
})
