/** The status page out of the one executable, in a browser. */
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {temporaryFolder} from '../unit/storage/folder.ts'
import {Browser, chromium} from '../web/browser.ts'
import {Machine} from './machine.ts'

const port = 18_973
const url = `http://127.0.0.1:${port}`

describe('the page of the executable', () => {
  let machine: Machine

  beforeAll(() => {
    machine = new Machine()
    const words = ['disco', 'start', '--detach', '--port', String(port), '--home', '/data/home', '--name', 'n1']
    expect(machine.run(['/opt/tool', ...words])).toMatchObject({exitCode: 0})
  })
  afterAll(() => {
    machine.run(['/opt/tool', 'disco', 'stop', '--home', '/data/home'])
    machine.remove()
  })

  it('is whole: its script and its style are in it', async () => {
    const response = await fetch(url)
    const text = await response.text()
    expect(response.headers.get('content-type')).toContain('text/html')
    expect(text).toMatch(/<style>[^<]{1000}/)
    expect(text).not.toContain('SCRIPT')
    expect(text).not.toMatch(/(src|href)="https?:/)
  })

  it.skipIf(chromium === undefined)('shows the cluster in Chromium (skipped where there is none)', async () => {
    const browser = await Browser.start(temporaryFolder())
    try {
      await browser.open(url, {width: 1280, height: 800})
      await expect.poll(() => browser.text(), {timeout: 30_000}).toContain('this needs a token')
      browser.complaints.length = 0
      const {stdout} = machine.run(['/opt/tool', 'disco', 'token', 'read', '--home', '/data/home'])
      await browser.type(stdout.trim())
      await browser.press('Enter')
      await expect.poll(() => browser.text(), {timeout: 30_000}).toContain('n1')
      expect(browser.complaints).toEqual([])
    } finally {
      await browser.close()
    }
  })
})
