/** The endpoint that reads several tags at once: who runs a rule over thirty days would ask thirty times. */
import {
  type ContentsAnswer,
  pageSizeMax,
  parseTagName,
  type TagContents,
  type TagName,
  tagLogLinesMax,
} from '../../../protocol/index.ts'
import {type ApiCall, type Handler, readBody} from '../../http/index.ts'
import type {Master} from '../master.ts'
import {contentsBody} from './schemas.ts'
import {checkToken, isNoTag, pageOf} from './tags.ts'

/** Tags that are asked for at the same time: other nodes may have them, and each answer is held until all are there. */
const tagsAtOnce = 16

/**
 * Answers for the first of the tags, in their order, and stops when that is about a page of rows: the caller asks again for
 * the rest. A tag that is missing has neither `page` nor `lines`; one whose token is not given refuses the whole request.
 */
export function contentsHandlers(master: Master): Record<'readContents', Handler> {
  return {
    readContents: async call => {
      const {tags, part, withHistory = false} = await readBody(call.request, contentsBody)
      const names = tags.map(parseTagName)
      const read = (tag: TagName): Promise<TagContents> =>
        part === 'entries' ? firstPage(master, call, tag, withHistory) : history(master, call, tag)
      const contents: TagContents[] = []
      let rowCount = 0
      for (let at = 0; at < names.length && rowCount < pageSizeMax; at += tagsAtOnce) {
        const some = await Promise.all(names.slice(at, at + tagsAtOnce).map(read))
        rowCount += some.reduce((sum, {page, lines}) => sum + (page?.entries.length ?? 0) + (lines?.length ?? 0), 0)
        contents.push(...some)
      }
      const body: ContentsAnswer = {contents}
      return {body}
    },
  }
}

async function firstPage(master: Master, call: ApiCall, tag: TagName, withHistory: boolean): Promise<TagContents> {
  const query = {type: 'entries', tag, after: 0, count: pageSizeMax, includeDeleted: false} as const
  const [found, log] = await Promise.all([
    master.tags.ask(query, 'entries').catch(noTag),
    withHistory ? linesOf(master, tag).catch(noTag) : undefined,
  ])
  if (found === undefined) return {tag}
  checkToken(call, found.head, 'read')
  return {tag, page: pageOf(found), ...log}
}

async function history(master: Master, call: ApiCall, tag: TagName): Promise<TagContents> {
  const found = await master.tags.ask({type: 'head', tag, includeDeleted: true}, 'head').catch(noTag)
  if (found === undefined) return {tag}
  checkToken(call, found.head, 'read')
  return {tag, ...(await linesOf(master, tag))}
}

async function linesOf(master: Master, tag: TagName): Promise<Pick<TagContents, 'lines'>> {
  const {lines} = await master.tags.ask({type: 'log', tag, count: tagLogLinesMax}, 'log')
  return {lines}
}

function noTag(error: unknown): undefined {
  if (!isNoTag(error)) throw error
}
