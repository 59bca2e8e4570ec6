import {expect, test} from 'vitest'
import {completionScript} from '../../../../src/cli/completion/script.ts'
import {commands} from '../commands.ts'

test('the zsh script has a function per command, with flags, values and descriptions quoted', () => {
  const script = completionScript('zsh', commands)
  expect(script).toMatch(/^#compdef disco-inferno inferno disco ddfs\n/)
  expect(script).toContain(`'--format=[the format flag]:value:(csv table)'`)
  expect(script).toContain(`'-f[the format flag]:value:(csv table)'`)
  expect(script).toContain(`'*--input=[the input flag]:value:_files'`)
  expect(script).toContain(`'--no-quiet[the quiet flag]'`)
  expect(script).toContain(`'*:argument:(bash zsh)'`)
  expect(script).toContain(`      run) _disco_inferno__inferno_run ;;`)
  expect(script).not.toContain('secret')
})

test('the fish script has a line per thing that can follow a command', () => {
  const script = completionScript('fish', commands)
  expect(script).toContain('for name in disco-inferno inferno disco ddfs')
  expect(script).toContain(
    `-n '__disco_inferno_at "inferno run"' -s f -l format -r -f -a 'csv table' -d 'the format flag'`,
  )
  expect(script).toContain(`-f -n '__disco_inferno_at "inferno"' -a 'run' -d 'Run a rule'`)
  expect(script).not.toContain('secret')
})

test('a quote in a description ends nothing', () => {
  const quoted = {'inferno:run': {...commands['inferno:run']!, description: "It's"}}
  expect(completionScript('zsh', quoted)).toContain(`'run:It'\\''s'`)
  expect(completionScript('fish', quoted)).toContain(`-d 'It\\'s'`)
})
