import {expect, test} from 'vitest'
import {UserError} from '../../../../src/base/index.ts'
import {tagHandlers} from '../../../../src/cluster/master/api/tags.ts'
import type {Master} from '../../../../src/cluster/master/master.ts'
import type {TagQuery} from '../../../../src/ddfs/index.ts'
import type {TagHead, TagList} from '../../../../src/protocol/index.ts'
import {serve, tokenFor} from '../serve.ts'

const head: TagHead = {
  tag: 't',
  version: {epoch: 1, counter: 1},
  replicas: ['n1'],
  replicaCount: 1,
  createdAtMs: 0,
  modifiedAtMs: 0,
  entryCount: 0,
  bytes: 0,
  recordCount: 0,
  rawBytes: 0,
  nextNumber: 1,
  attributes: {},
}

/** A master whose tag is made by somebody else between the look at it and the first change. */
async function raced(made: TagHead) {
  const changes: Extract<TagQuery, {type: 'change'}>[] = []
  let current: TagHead | undefined
  const ask = async (query: TagQuery): Promise<unknown> => {
    if (query.type === 'change') {
      changes.push(query)
      current ??= made
      if (query.ifMissing) throw new UserError('VERSION_CHANGED', 'the tag exists already')
      return {type: 'changed', head: current, addedCount: 0, removedCount: 0, existed: true}
    }
    if (current === undefined) throw new UserError('TAG_NOT_FOUND', 'there is no tag')
    return {type: 'head', head: current}
  }
  const master = {tags: {state: {tags: new Map()}, ask}, settle: () => undefined} as unknown as Master
  const {url} = await serve({changeTag: tagHandlers(master).changeTag})
  const touch = (more: object = {}) =>
    fetch(`${url}/api/v1/tags/t`, {
      method: 'POST',
      headers: {authorization: `Bearer ${tokenFor('write')}`, 'x-tag-token': 'mine'},
      body: JSON.stringify({change: {type: 'append', entries: [], unique: 'entry'}, ...more}),
    })
  return {changes, touch}
}

test('a tag that somebody else makes at the same moment is not changed with another token than theirs', async () => {
  const {changes, touch} = await raced({...head, readToken: 'theirs', writeToken: 'theirs'})
  expect((await touch()).status).toBe(403)
  expect(changes).toMatchObject([{ifMissing: true, ownerToken: 'mine'}])
})

test('a tag that somebody else makes at the same moment is changed when it is open', async () => {
  const {changes, touch} = await raced(head)
  expect((await touch()).status).toBe(200)
  expect(changes).toMatchObject([{ifMissing: true}, {ifMissing: false}])
})

test('a condition of the caller that does not hold is told, and not tried again', async () => {
  const {changes, touch} = await raced(head)
  expect((await touch({ifVersion: 0})).status).toBe(412)
  expect(changes).toHaveLength(1)
})

test('a listing names a tag with a read token and keeps its attributes for those who have the token', async () => {
  const guarded = {...head, attributes: {owner: 'alice'}, readToken: 'r', writeToken: 'w'}
  const open = {...head, tag: 'u', attributes: {owner: 'bob'}, writeToken: 'w'}
  const ask = async () => ({type: 'list', heads: [guarded, open], missing: [], isComplete: true})
  const {url} = await serve({listTags: tagHandlers({tags: {ask}} as unknown as Master).listTags})
  const listed = async (scope: 'read' | 'admin', tagToken?: string): Promise<unknown[]> => {
    const headers = {
      authorization: `Bearer ${tokenFor(scope)}`,
      ...(tagToken === undefined ? {} : {'x-tag-token': tagToken}),
    }
    const {tags} = (await (await fetch(`${url}/api/v1/tags`, {headers})).json()) as TagList
    return tags.map(({tag, attributes}) => [tag, attributes])
  }
  const all = [
    ['t', {owner: 'alice'}],
    ['u', {owner: 'bob'}],
  ]
  const bare = [['t', {}], all[1]]
  expect(await listed('read')).toEqual(bare)
  expect(await listed('read', 'wrong')).toEqual(bare)
  expect(await listed('read', 'r')).toEqual(all)
  expect(await listed('read', 'w')).toEqual(all)
  expect(await listed('admin')).toEqual(all)
})
