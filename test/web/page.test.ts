/** The page in a real browser, at a real node. Without a Chromium on the machine there is nothing to try. */
import {execFile} from 'node:child_process'
import {existsSync} from 'node:fs'
import {promisify} from 'node:util'
import {expect, onTestFinished, test} from 'vitest'
import {NodeProcess} from '../../src/cluster/index.ts'
import {nodeOptions} from '../unit/cluster/node-options.ts'
import {temporaryFolder} from '../unit/storage/folder.ts'

const chromium = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(path =>
  existsSync(path),
)

async function startNode(): Promise<NodeProcess> {
  const node = await NodeProcess.start({
    ...nodeOptions(temporaryFolder(), {slotCount: 3, software: 'disco-inferno 9.8.7'}),
    onEnd: () => undefined,
  })
  onTestFinished(() => node.close())
  return node
}

/** What the document is after a few seconds, and what the browser complained of. */
async function browse(url: string): Promise<{readonly dom: string; readonly complaints: readonly string[]}> {
  const flags = ['--headless=new', '--no-sandbox', '--disable-gpu', '--enable-logging=stderr', '--dump-dom']
  const {stdout, stderr} = await promisify(execFile)(
    chromium!,
    [...flags, `--user-data-dir=${temporaryFolder()}`, '--virtual-time-budget=4000', url],
    {timeout: 40_000, maxBuffer: 10_000_000},
  )
  const complaints = stderr.split('\n').filter(line => line.includes('CONSOLE') && !line.includes('401'))
  return {dom: stdout.slice(stdout.indexOf('<body>'), stdout.indexOf('<script')), complaints}
}

test.skipIf(chromium === undefined)('a browser without a token sees that one is needed, and no fact', async () => {
  const {dom, complaints} = await browse((await startNode()).url)
  expect(dom).toContain('this needs a token')
  expect(dom).toContain('type="password"')
  expect(dom).not.toContain('n1')
  expect(complaints).toEqual([])
})

test.skipIf(chromium === undefined)(
  'a browser on the machine sees the cluster where its settings allow that',
  async () => {
    const node = await startNode()
    node.master!.settings.set('openStatus', 'on')
    const {dom, complaints} = await browse(node.url)
    expect(dom).toContain('n1 *')
    expect(dom).toContain('all copies are there')
    expect(dom).toContain('live</p>')
    expect(complaints).toEqual([])
  },
)
