import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, expect, test, vi} from 'vitest'
import {UserError} from '../../../src/base/index.ts'
import {explainTags} from '../../../src/cli/explain-tags.ts'
import type {ClusterClient} from '../../../src/client/index.ts'
import type {RuleTarget} from '../../../src/project/index.ts'
import {clicks} from '../project/tags/one-node.ts'

const tagDryRun = vi.hoisted(() => vi.fn())
vi.mock('../../../src/project/index.ts', async original => ({...(await original<object>()), tagDryRun}))

const folder = mkdtempSync(join(tmpdir(), 'explain-'))
afterAll(() => rmSync(folder, {recursive: true, force: true}))

test('tags are looked up with the parameters of the settings file', async () => {
  const settings = join(folder, 'settings.json')
  writeFileSync(settings, JSON.stringify({params: {site: 'a'}}))
  tagDryRun.mockRejectedValue(new UserError('CANNOT_REACH', 'no cluster'))
  const target = {module: {file: 'clicks.ts', name: 'clicks'}, rule: clicks(), index: 0, keyset: undefined}
  const flags = {'rules-directory': folder, settings}
  const now = await explainTags(target as unknown as RuleTarget, flags, async () => ({}) as ClusterClient)
  expect(now).toEqual({type: 'unknown', why: 'no cluster'})
  expect(tagDryRun.mock.calls[0]?.[0]).toMatchObject({params: {site: 'a'}})
})
