/** The status page as the master serves it: one answer with everything in it. */
import {page} from '../generated/web-page.ts'

export interface WebPage {
  readonly html: string
  readonly headers: Readonly<Record<string, string>>
}

/**
 * The page runs its own script and asks its own server, nothing else: the hashes let in what the build put together, and no
 * text of strangers becomes code even if one found its way into the page.
 */
const contentPolicy = [
  "default-src 'none'",
  `script-src ${page.scriptHash}`,
  `style-src ${page.styleHash}`,
  "connect-src 'self'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ')

const headers = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': contentPolicy,
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
} as const

export const webPage = (): WebPage => ({html: page.html, headers})
