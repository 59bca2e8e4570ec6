import {expect, test} from 'vitest'
import {manifest, typed} from '../../src/cli/manifest.ts'
import {runShell} from './launcher-run.ts'

/** Sources the script of the built program in bash and completes `words`, the last of which is being typed. */
function offered(...words: string[]): string[] {
  const line = `source <("$node" "$tool" completion bash)
COMP_WORDS=(${words.map(word => `'${word}'`).join(' ')})
COMP_CWORD=${words.length - 1}
_disco_inferno
printf '%s\\n' "\${COMPREPLY[@]}"`
  const {stdout, stderr} = runShell(line)
  expect(stderr).toBe('')
  return stdout.split('\n').filter(word => word !== '')
}

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
  for (const command of Object.values(manifest.commands)) {
    const flags = Object.values(command.flags).filter(flag => flag.hidden !== true)
    const words = flags.flatMap(flag => (flag.allowNo ? [`--${flag.name}`, `--no-${flag.name}`] : [`--${flag.name}`]))
    expect(offered('disco-inferno', ...command.id.split(':'), '--')).toEqual([...words, '--help'])
  }
})
