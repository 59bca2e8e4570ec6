import type {ManifestCommand, ManifestFlag} from '../../../src/cli/manifest.ts'

const flag = (name: string, more: Partial<ManifestFlag> = {}): ManifestFlag => ({
  name,
  type: 'boolean',
  description: `the ${name} flag`,
  ...more,
})

/** A small tool of five commands for tests. */
export const commands: Readonly<Record<string, ManifestCommand>> = {
  completion: {
    id: 'completion',
    description: 'Print a completion script',
    flags: {},
    args: {shell: {name: 'shell', options: ['bash', 'zsh']}},
  },
  'inferno:run': {
    id: 'inferno:run',
    description: "Run a rule\n\nIt's run over files.",
    flags: {
      format: flag('format', {type: 'option', char: 'f', options: ['csv', 'table']}),
      input: flag('input', {type: 'option', char: 'i', multiple: true}),
      quiet: flag('quiet', {allowNo: true}),
      secret: flag('secret', {hidden: true}),
    },
    args: {target: {name: 'target'}},
  },
  'inferno:rules': {id: 'inferno:rules', description: 'List rules', flags: {}, args: {}},
  'inferno:host': {id: 'inferno:host', description: 'Show a host', flags: {host: flag('host', {char: 'h'})}, args: {}},
  'ddfs:push': {id: 'ddfs:push', description: 'Push files', flags: {}, args: {}},
}
