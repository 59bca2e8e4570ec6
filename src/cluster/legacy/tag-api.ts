/** `/ddfs/tags` and `/ddfs/tag`: listing, reading, changing, attributes, tokens. */
import {
  attributeCountMax,
  attributeNameBytesMax,
  attributeValueBytesMax,
  isTagName,
  type LegacyTag,
  pageSizeMax,
  problemOf,
  type ReplicaSet,
  type TagChange,
  type TagHead,
} from '../../protocol/index.ts'
import type {Master} from '../master/master.ts'
import {Refusal, sendJsonText} from './answers.ts'
import {readAll} from './bodies.ts'
import type {LegacyCall} from './call.ts'
import {DelayedAppends} from './delayed.ts'
import {tagBodyBytesMax} from './limits.ts'
import {
  locationsOf,
  mayRead,
  mayReadWriteToken,
  mayWrite,
  stampOfHead,
  TagFlow,
  tagNotFound,
  wrongToken,
} from './tag-flow.ts'
import {localTime} from './times.ts'

const attributeNotFound = (): Refusal => new Refusal(404, 'Tag attribute not found.')

/** Attributes that are fields of the tag. */
const own = {urls: 'ddfs:urls', readToken: 'ddfs:read-token', writeToken: 'ddfs:write-token'} as const

const isOwnName = (name: string): boolean => name.startsWith('ddfs:')
const isKnownOwn = (name: string): boolean => (Object.values(own) as string[]).includes(name)

/** Answers in Disco's words. Ended by `close`, which commits what waits. */
export class TagApi {
  readonly flow: TagFlow
  readonly #master: Master
  readonly #delayed = new DelayedAppends<TagHead>()

  constructor(master: Master) {
    this.#master = master
    this.flow = new TagFlow(master)
  }

  /** GET /ddfs/tags/PREFIX */
  async list(call: LegacyCall, prefix: string): Promise<void> {
    const names: string[] = []
    for (let after = ''; ; ) {
      const list = await this.#master.tags.ask(
        {type: 'list', prefix, after, count: pageSizeMax, includeDeleted: false},
        'list',
      )
      if (!list.isComplete) throw new Refusal(500, 'Internal server error: too_many_failed_nodes')
      for (const {tag} of list.heads) names.push(tag)
      if (list.next === undefined) break
      after = list.next
    }
    sendJsonText(call.response, 200, names.sort())
  }

  /** GET /ddfs/tag/TAG[/ATTR] */
  async read(call: LegacyCall, rest: string): Promise<void> {
    const [tag, attribute] = this.#target(rest)
    await this.#delayed.flush(tag)
    const head = await this.flow.headOf(tag)
    if (head === undefined) throw tagNotFound()
    sendJsonText(call.response, 200, await this.#valueOf(call, head, attribute))
  }

  async #valueOf(call: LegacyCall, head: TagHead, attribute: string | undefined): Promise<unknown> {
    const {tagToken: token, host} = call
    if (attribute === own.writeToken) {
      if (!mayReadWriteToken(head, token)) throw wrongToken()
      return head.writeToken ?? null
    }
    if (!mayRead(head, token)) throw wrongToken()
    if (attribute === undefined) return await this.#objectOf(head, host)
    if (attribute === own.urls) return await this.flow.urlsOf(head, host)
    if (attribute === own.readToken) return head.readToken ?? null
    const value = Object.hasOwn(head.attributes, attribute) ? head.attributes[attribute] : undefined
    if (value === undefined) throw attributeNotFound()
    return value
  }

  async #objectOf(head: TagHead, host: string): Promise<LegacyTag> {
    return {
      version: 1,
      id: `${head.tag}$${stampOfHead(head)}`,
      'last-modified': localTime(head.modifiedAtMs),
      urls: await this.flow.urlsOf(head, host),
      'user-data': head.attributes,
    }
  }

  /** POST /ddfs/tag/TAG: everything behind is the name. */
  async append(call: LegacyCall, tag: string): Promise<void> {
    checkName(tag)
    const sets = await readSets(call)
    // As in Disco, the parameter counts when it is there, whatever its value.
    const isUpdate = isSet(call, 'update')
    if (isSet(call, 'delayed')) {
      const head = await this.flow.headOf(tag)
      if (head !== undefined) {
        if (!mayWrite(head, call.tagToken)) throw wrongToken()
        const options = JSON.stringify([isUpdate, call.tagToken ?? null])
        const changed = await this.#delayed.add(tag, options, sets, all =>
          this.flow.inTurn(tag, () => this.flow.append(tag, all, isUpdate, call)),
        )
        sendJsonText(call.response, 200, locationsOf(changed, call.host))
        return
      }
    }
    await this.#change(call, tag, () => this.flow.append(tag, sets, isUpdate, call))
  }

  /** PUT /ddfs/tag/TAG[/ATTR] */
  async put(call: LegacyCall, rest: string): Promise<void> {
    const [tag, attribute] = this.#target(rest)
    if (attribute === undefined || attribute === own.urls) {
      const sets = await readSets(call)
      return await this.#change(call, tag, () => this.flow.replace(tag, sets, call))
    }
    if (isOwnName(attribute) && !isKnownOwn(attribute)) throw attributeNotFound()
    const value = await readValue(call, attribute)
    const change = changeOf(attribute, value)
    await this.#change(call, tag, () => this.flow.change(tag, change, call, head => checkCount(head, attribute)))
  }

  /** DELETE /ddfs/tag/TAG[/ATTR] */
  async remove(call: LegacyCall, rest: string): Promise<void> {
    const [tag, attribute] = this.#target(rest)
    await this.#delayed.flush(tag)
    if (attribute === undefined) await this.flow.inTurn(tag, () => this.flow.remove(tag, call))
    else await this.#removeAttribute(call, tag, attribute)
    sendJsonText(call.response, 200, 'deleted')
  }

  async #removeAttribute(call: LegacyCall, tag: string, attribute: string): Promise<void> {
    if (isOwnName(attribute) && !isKnownOwn(attribute)) throw attributeNotFound()
    const mustBeThere = (head?: TagHead): void => {
      if (head === undefined) throw tagNotFound()
    }
    const change: TagChange =
      attribute === own.urls
        ? {type: 'replace', entries: []}
        : attribute === own.readToken
          ? {type: 'set-tokens', read: null}
          : attribute === own.writeToken
            ? {type: 'set-tokens', write: null}
            : {type: 'set-attributes', set: {}, unset: [attribute]}
    await this.flow.inTurn(tag, () => this.flow.change(tag, change, call, mustBeThere))
  }

  async #change(call: LegacyCall, tag: string, make: () => Promise<TagHead>): Promise<void> {
    await this.#delayed.flush(tag)
    const head = await this.flow.inTurn(tag, make)
    sendJsonText(call.response, 200, locationsOf(head, call.host))
  }

  /** Commits what waits. */
  async close(): Promise<void> {
    await this.#delayed.flushAll()
  }

  #target(rest: string): readonly [tag: string, attribute: string | undefined] {
    const at = rest.indexOf('/')
    const tag = at < 0 ? rest : rest.slice(0, at)
    checkName(tag)
    const attribute = at < 0 ? '' : rest.slice(at + 1)
    return [tag, attribute === '' ? undefined : attribute]
  }
}

function checkName(tag: string): void {
  if (!isTagName(tag)) throw new Refusal(403, 'Invalid tag')
}

const isSet = ({query}: LegacyCall, name: string): boolean => (query.get(name) ?? '') !== ''

const invalidRequest = (): Refusal => new Refusal(403, 'Invalid request.')

async function readJson(call: LegacyCall): Promise<unknown> {
  const bytes = await readAll(call.request, tagBodyBytesMax, invalidRequest)
  try {
    return JSON.parse(bytes.toString('utf8')) as unknown
  } catch {
    throw new Refusal(403, 'Invalid request body.')
  }
}

async function readSets(call: LegacyCall): Promise<readonly ReplicaSet[]> {
  const value = await readJson(call)
  const isGood = problemOf(value, {list: {list: 'string'}}) === undefined
  // An empty list of copies is nothing that could be read.
  if (!isGood || (value as ReplicaSet[]).some(set => set.length === 0)) throw new Refusal(403, 'Invalid url object')
  return value as ReplicaSet[]
}

async function readValue(call: LegacyCall, attribute: string): Promise<string> {
  if (Buffer.byteLength(attribute) > attributeNameBytesMax) throw new Refusal(403, 'Attribute name too big.')
  const tooBig = (): Refusal => new Refusal(403, 'Attribute value too big.')
  const bytes = await readAll(call.request, attributeValueBytesMax, tooBig)
  let value: unknown
  try {
    value = JSON.parse(bytes.toString('utf8'))
  } catch {
    throw new Refusal(403, 'Invalid request body.')
  }
  if (typeof value !== 'string') throw new Refusal(403, 'Invalid attribute key or value')
  return value
}

function changeOf(attribute: string, value: string): TagChange {
  if (attribute === own.readToken) return {type: 'set-tokens', read: value}
  if (attribute === own.writeToken) return {type: 'set-tokens', write: value}
  return {type: 'set-attributes', set: {[attribute]: value}, unset: []}
}

function checkCount(head: TagHead | undefined, attribute: string): void {
  if (head === undefined || isOwnName(attribute) || Object.hasOwn(head.attributes, attribute)) return
  if (Object.keys(head.attributes).length >= attributeCountMax) throw new Refusal(403, 'Too many attributes')
}
