/** The status page. There is no fact of the cluster in it: it asks for those by itself, with what its reader may see. */
import {webPage} from '../../web/index.ts'
import type {Handler} from '../http/index.ts'

export const pageHandler: Handler = async ({response}) => {
  const {html, headers} = webPage()
  response.writeHead(200, {...headers, 'content-length': Buffer.byteLength(html)})
  response.end(html)
  return undefined
}
