import {expect, test} from 'vitest'
import {quoted, unitText} from '../../../../src/cli/disco/service/unit-text.ts'

const options = {
  role: 'agent',
  command: ['/opt/disco'],
  args: ['--join', 'wss://m:8989'],
  user: 'disco',
  home: '/var/lib/disco',
  writes: ['/data 1'],
  drainSeconds: 60,
} as const

test('a unit starts the process with its folders, and gives it time to end', () => {
  const lines = unitText(options).split('\n')
  expect(lines).toContain('ExecStart=/opt/disco disco agent --home /var/lib/disco --drain 60 --join wss://m:8989')
  expect(lines).toContain('ReadWritePaths=/var/lib/disco "/data 1"')
  expect(lines).toContain('TimeoutStopSec=90')
  expect(lines).toContain('ExecReload=/bin/kill -HUP $MAINPID')
})

test('a unit takes from a process what it does not need, and leaves what Node needs', () => {
  const text = unitText(options)
  for (const line of ['NoNewPrivileges=yes', 'ProtectSystem=strict', 'CapabilityBoundingSet=', 'UMask=0077'])
    expect(text).toContain(`\n${line}\n`)
  expect(text).not.toContain('MemoryDenyWriteExecute')
})

test('the daemon of rules has a state and a grace, and no certificate to read again', () => {
  const text = unitText({...options, role: 'daemon', args: ['-y', '/etc/rules'], writes: []})
  expect(text).toContain('ExecStart=/opt/disco inferno daemon --state /var/lib/disco --grace 60 -y /etc/rules\n')
  expect(text).not.toContain('ExecReload')
})

test.each([
  ['plain/path', 'plain/path'],
  ['two words', '"two words"'],
  ['100%', '100%%'],
  ['$HOME', '$$HOME'],
  ['a"b\\c', '"a\\"b\\\\c"'],
  ['a\nExecStart=/bin/sh', '"a\\nExecStart=/bin/sh"'],
  ['', '""'],
])('the word %j is written as one word of systemd', (word, written) => {
  expect(quoted(word)).toBe(written)
})
