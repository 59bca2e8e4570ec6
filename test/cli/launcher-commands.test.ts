import {describe, expect, test} from 'vitest'
import {manifest, typed} from '../../src/cli/manifest.ts'
import {runTool} from './launcher-run.ts'

const commands = Object.values(manifest.commands)

describe.each(commands.map(command => [typed(command.id), command] as const))('%s', (name, command) => {
  test('has a description and an example', () => {
    expect(command.description ?? command.summary).toMatch(/\S/)
    expect(command.examples?.length).toBeGreaterThan(0)
  })

  test('describes every flag and argument', () => {
    const described = [...Object.values(command.flags), ...Object.values(command.args)]
    const missing = described.filter(one => !('summary' in one && one.summary) && !one.description)
    expect(missing.map(one => one.name)).toEqual([])
  })

  test('has a help of at most 80 columns', () => {
    const {exitCode, stdout} = runTool([...name.split(' '), '--help'])
    expect(exitCode).toBe(0)
    expect(stdout.split('\n').filter(line => line.length > 80)).toEqual([])
  })
})
