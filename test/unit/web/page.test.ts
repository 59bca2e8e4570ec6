import {createHash} from 'node:crypto'
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {pageHandler} from '../../../src/cluster/web/index.ts'
import {webPage} from '../../../src/web/index.ts'
import {serve} from '../cluster/serve.ts'

const {html, headers} = webPage()
const policy = headers['content-security-policy'] ?? ''
const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
const partsOf = (tag: string): string[] =>
  [...html.matchAll(new RegExp(`<${tag}[^>]*>(.*?)</${tag}>`, 'gs'))].map(match => match[1]!)

describe('the page', () => {
  test('has one script and one style, which its policy lets in by their hashes', () => {
    expect(partsOf('script').map(hashOf)).toEqual([/script-src (\S+);/.exec(policy)?.[1]])
    expect(partsOf('style').map(hashOf)).toEqual([/style-src (\S+);/.exec(policy)?.[1]])
    expect(policy).toMatch(/^default-src 'none'; /)
    expect(policy).not.toMatch(/unsafe|\*|http/)
  })

  test('names nothing outside itself, and no markup is made of text', () => {
    expect(html.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(/(?:src|href)=["']?(?:https?:)?\/\//)
    expect(html).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function/)
    expect(html).not.toMatch(/["'`]node:/)
  })

  test('is small enough to be sent whole', () => {
    expect(Buffer.byteLength(html)).toBeLessThan(100_000)
  })

  test('is given to everybody by every node, whatever its other headers are for', async () => {
    const {url} = await serve({webPage: pageHandler})
    const response = await fetch(url)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-security-policy')).toBe(policy)
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    expect(await response.text()).toBe(html)
    const framed = await fetch(url, {headers: {origin: 'http://evil.example'}})
    expect(framed.status).toBe(403)
    await framed.arrayBuffer()
  })
})

describe('colours', () => {
  const css = readFileSync(join(import.meta.dirname, '../../../src/web/page/page.css'), 'utf8')
  const schemes = [...css.matchAll(/:root \{(.*?)\}/gs)].map(
    ([, body]) => new Map([...body!.matchAll(/--(\w+): (#[0-9a-f]{6})/g)].map(([, name, value]) => [name!, value!])),
  )

  /** Relative luminance, WCAG 2. */
  function luminance(color: string): number {
    const [red, green, blue] = [1, 3, 5].map(at => {
      const value = Number.parseInt(color.slice(at, at + 2), 16) / 255
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!
  }

  function contrast(a: string, b: string): number {
    const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y)
    return (high! + 0.05) / (low! + 0.05)
  }

  test.each([
    ['light', 0],
    ['dark', 1],
  ] as const)('of texts are told apart in the %s scheme', (_, index) => {
    const colors = schemes[index]!
    for (const ground of ['ground', 'card']) {
      for (const name of ['text', 'dim', 'green', 'yellow', 'red', 'cyan', 'accent']) {
        const ratio = contrast(colors.get(name)!, colors.get(ground)!)
        expect(ratio, `${name} on ${ground}`).toBeGreaterThanOrEqual(4.5)
      }
      expect(contrast(colors.get('edge')!, colors.get(ground)!), `edges on ${ground}`).toBeGreaterThanOrEqual(3)
    }
    for (const name of ['bar', 'level', 'yellow']) {
      expect(contrast(colors.get(name)!, colors.get('track')!), `${name} on its track`).toBeGreaterThanOrEqual(3)
    }
  })
})
