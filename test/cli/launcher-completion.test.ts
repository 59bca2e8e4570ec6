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
  const verbs = (topic: string): string[] =>
    Object.keys(manifest.commands)
      .map(typed)
      .filter(command => command.startsWith(`${topic} `))
      .map(command => command.slice(topic.length + 1))
  expect(offered('disco-inferno', '')).toEqual(expect.arrayContaining(['inferno', 'disco', 'ddfs', 'completion']))
  expect(offered('inferno', '')).toEqual([...verbs('inferno'), '--help'])
  expect(offered('disco-inferno', 'completion', 'f')).toEqual(['fish'])
})

test('bash completes every flag of every command', () => {
  for (const command of Object.values(manifest.commands)) {
    const flags = Object.values(command.flags).filter(flag => flag.hidden !== true)
    const words = flags.flatMap(flag => (flag.allowNo ? [`--${flag.name}`, `--no-${flag.name}`] : [`--${flag.name}`]))
    expect(offered('disco-inferno', ...command.id.split(':'), '--')).toEqual([...words, '--help'])
  }
})
