import {afterAll, afterEach, beforeAll, describe, expect, test} from 'vitest'
import {manifest} from '../../src/cli/manifest.ts'
import {Project} from './inferno-project.ts'
import {runTool} from './launcher-run.ts'

let project: Project
beforeAll(() => {
  project = new Project()
})
afterEach(() => expect(project.leftovers()).toEqual([]))
afterAll(() => project.close())

describe('the example in the help of', () => {
  const commands = Object.values(manifest.commands).filter(({id}) => id.startsWith('inferno:'))
  const examples = commands.flatMap(({id, examples = []}) => examples.map(example => [id, String(example)] as const))

  beforeAll(() => {
    project.inferno(['init', 'help'])
    const clicks = (name: string): string => `import {defineRule} from 'disco-inferno'
export default defineRule({name: '${name}', keyParts: ['domain'], valueParts: ['count'], examples: [{input: ['{"domain":"a"}'], rows: [['a', 1]]}]})
`
    project.write('help/rules/clicks.ts', clicks('by_site'))
    project.write('help/settings.yaml', 'threads: 2\n')
    project.write('help/my-rules/rules/mine.ts', clicks('mine'))
    project.writeRecords(
      'help/logs/a.json',
      Array.from({length: 60}, (_, index) => ({
        time: 1330930800000,
        domain: 'a.com',
        campaign_id: index,
        price: 1,
        size: 'S',
        status: 500,
        ms: 3,
      })),
    )
    // Some look at the last hour.
    const [, day, month, year, time = ''] = new Date().toUTCString().split(' ')
    project.write(
      'help/access.log',
      ['05/Mar/2012:07:00:00', `${day}/${month}/${year}:${time.slice(0, 8)}`]
        .map(at => `10.0.0.1 - - [${at} +0000] "GET /x HTTP/1.1" 500 512 "-" "curl/7"\n`)
        .join(''),
    )
    project.write('help/export.csv', 'Customer;Amount\r\n"Müller; GmbH";"12,5"\r\nMeyer;3\r\n')
    project.shell(
      'cp help/logs/a.json help/access.ndjson; cp help/logs/a.json help/app.ndjson; zstd -q help/logs/a.json -o help/big.zst || gzip -c help/logs/a.json > help/big.zst',
    )
  })

  test('every command is there', () => {
    for (const {id, examples = []} of commands) expect(examples.length, id).toBeGreaterThan(0)
  })

  /** What is run there would never end, or has nobody to talk to: see inferno-daemon.test.ts. */
  const isOfDaemon = (id: string): boolean => /^inferno:(daemon|status|runs|pause|resume|wake)\b/.test(id)
  /** What asks a cluster: see inferno-tags.test.ts. */
  const isOfTags = (id: string, example: string): boolean =>
    /^inferno:(archive|backfill|results)\b/.test(id) || /--day-start/.test(example)
  const runnable = examples.filter(
    ([id, example]) => !/--watch/.test(example) && !isOfDaemon(id) && !isOfTags(id, example),
  )

  test.each(runnable)('%s works: %s', (_, example) => {
    // The only things changed: `init` wants a folder that is not there yet, no zstd may be installed, and who
    // connects with a password has one.
    const line = example
      .replaceAll('<%= config.bin %> inferno', 'inferno')
      .replace('inferno init my-rules', 'inferno init fresh-rules')
      .replace('zstd -dc', 'cat')
    const {exitCode, stdout, stderr} = project.shell(`cd help\nexport PASSWORD=secret\n${line}`)
    expect(exitCode, stderr).toBe(0)
    expect(stderr).not.toMatch(/Error/)
    if (!/ --out | > | --to /.test(example)) expect(stdout).not.toBe('')
  })
})

test('the completion script knows the commands', () => {
  const {stdout} = runTool(['completion', 'bash'])
  for (const command of ['run', 'query', 'init', 'infer', 'explain', 'trace', 'test', 'rules'])
    expect(stdout).toContain(command)
})

test('words with commands below them stand in the help of their topic', () => {
  const {stdout} = project.inferno(['--help'])
  expect(stdout).toMatch(
    /TOPICS\n {2}inferno archive {2}What archiving rules have done[\s\S]*COMMANDS\n {2}inferno backfill/,
  )
  expect(runTool(['--help']).stdout).not.toContain('inferno archive')
})
