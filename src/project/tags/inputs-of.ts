/** What was chosen, as the scan takes it and as the report tells it. */
import {UserError} from '../../base/index.ts'
import type {ChosenBlob, Rule} from '../../rules/index.ts'
import type {ClusterInput} from './cluster-scan.ts'
import type {StoredEntry} from './read-store.ts'

/** One input of a run: a blob of a tag, an address, or the rows of an inner rule. */
export interface RunInput {
  readonly input: ClusterInput
  /** What the batch is made of: equal for equal contents, as far as that can be known. */
  readonly identity: string
  /** Of tags only. */
  readonly tag?: string
  /** When it was put into its tag, milliseconds since 1970. */
  readonly addedAtMs?: number | undefined
  /** It can never hold something else. */
  readonly isImmutable: boolean
}

/** An entry of a tag as an input of a run. What URLs give may change, so nothing of it is kept. */
export function inputOfEntry({tag, entry: {entry, identity}}: ChosenBlob<StoredEntry>, addedAtMs?: number): RunInput {
  if (entry.type === 'url') {
    const name = `${tag}/${entry.urls[0] ?? ''}`
    return {input: {name, addresses: entry.urls}, identity, tag, addedAtMs, isImmutable: false}
  }
  const {codec} = entry
  const input = {
    name: `${tag}/${entry.name}`,
    addresses: [`blob://${entry.blob}`],
    bytes: entry.bytes,
    ...(codec === undefined ? {} : {codec}),
  }
  return {input, identity, tag, addedAtMs, isImmutable: true}
}

/** @throws UserError BAD_FLAG for a file of this machine, which the nodes cannot read */
export function inputOfUrl(rule: Rule, url: string): RunInput {
  const isRemote = /^https?:\/\//.test(url)
  if (!isRemote && rule.options.scheduler?.forceLocal !== true) {
    throw new UserError('BAD_FLAG', `${rule.options.name} reads tags, and ${url}, which is a file of this machine`, {
      hint: 'put it into a tag with: ddfs push; or let the rule say scheduler: {forceLocal: true}',
      exitCode: 2,
    })
  }
  return {input: {name: url, addresses: [url]}, identity: `url:${JSON.stringify([url])}`, isImmutable: false}
}
