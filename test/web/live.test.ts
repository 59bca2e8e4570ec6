/** The page as a person has it open: two sizes, a job that comes by, the keyboard alone. */
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {DiscoProject} from '../cli/disco-project.ts'
import {Browser, chromium} from './browser.ts'

/** What the page may take to show what has happened. Milliseconds. */
const waitMs = 30_000

const sizes = [
  {name: 'a desk', width: 1280, height: 800},
  {name: 'a phone', width: 375, height: 700},
] as const

/** Fewer bytes are a page of one colour. */
const pictureBytesMin = 5000

describe.skipIf(chromium === undefined)('the page in Chromium (skipped where there is none)', () => {
  let project: DiscoProject
  let browser: Browser
  let url = ''

  beforeAll(async () => {
    project = new DiscoProject()
    project.startCluster('--name', 'n1')
    url = (JSON.parse(project.read('.cluster/address.json')) as {url: string}).url
    project.write('in.txt', 'one\ntwo\none\n')
    project.write(
      'jobs/passes-by.ts',
      `import {defineJob} from 'disco-inferno'
export default defineJob({name: 'passes-by', map: line => [[line, 1]], reduce: (key, values) => [[key, [...values].length]]})`,
    )
    expect(project.ddfs(['push', 'data:in', 'in.txt']).exitCode).toBe(0)
    browser = await Browser.start(project.path('profile'))
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    expect(await project.stopCluster()).toEqual([])
    project.close()
  }, 60_000)

  const shows = (what: string) => expect.poll(() => browser.text(), {timeout: waitMs}).toContain(what)
  const activeId = (): Promise<string> => browser.see('document.activeElement.id || document.activeElement.tagName')

  test('asks for a token, takes it from the keyboard, and shows the cluster', async () => {
    await browser.open(url, sizes[0])
    await shows('this needs a token')
    expect(await browser.text()).not.toContain('n1')
    await expect.poll(activeId, {timeout: waitMs}).toBe('token')
    // That answers without a token are refused is what the page is told, and the browser says so.
    browser.complaints.length = 0
    await browser.type(project.disco(['token', 'read']).stdout.trim())
    await browser.press('Enter')
    await shows('n1')
    expect(await browser.see<string>('document.title')).toContain('1/1 nodes')
  })

  test('shows a job that runs without being loaded again', async () => {
    await browser.see('void (window.wasHere = true)')
    expect(await browser.text()).not.toContain('passes-by')
    expect(project.disco(['run', 'jobs/passes-by.ts', 'data:in']).exitCode).toBe(0)
    await shows('passes-by')
    expect(await browser.see<boolean>('window.wasHere')).toBe(true)
  })

  test.each(sizes)('fits $name: nothing is cut off sideways, and there is something to see', async size => {
    await browser.resize(size)
    await expect.poll(() => browser.see<number>('innerWidth'), {timeout: waitMs}).toBe(size.width)
    const sideways = 'document.documentElement.scrollWidth - document.documentElement.clientWidth'
    expect(await browser.see<number>(sideways)).toBeLessThanOrEqual(0)
    const picture = await browser.picture()
    expect(picture.subarray(1, 4).toString()).toBe('PNG')
    expect([picture.readUInt32BE(16), picture.readUInt32BE(20)]).toEqual([size.width, size.height])
    expect(picture.length).toBeGreaterThan(pictureBytesMin)
  })

  test('goes by the keyboard alone: to the content, over what can be pressed, with a mark where one is', async () => {
    await browser.see('void (document.activeElement.blur(), scrollTo(0, 0))')
    await browser.press('Tab')
    expect(await browser.see<string>('document.activeElement.textContent')).toBe('Skip to the content')
    await browser.press('Enter')
    await expect.poll(activeId, {timeout: waitMs}).toBe('main')
    const reached = new Set<string>()
    for (let count = 0; count < 30; count++) {
      await browser.press('Tab')
      reached.add(await browser.see<string>('document.activeElement.tagName'))
      if (count === 0) {
        expect(await browser.see<string>('getComputedStyle(document.activeElement).outlineStyle')).not.toBe('none')
      }
    }
    expect([...reached]).toContain('BUTTON')
  })

  test('asks nobody but its node for anything, and the console is empty', async () => {
    const foreign = browser.requests.filter(
      one => !one.startsWith(`${url}/`) && !one.startsWith('data:') && one !== 'about:blank',
    )
    expect(foreign).toEqual([])
    expect(browser.requests.length).toBeGreaterThan(3)
    expect(browser.complaints).toEqual([])
  })
})
