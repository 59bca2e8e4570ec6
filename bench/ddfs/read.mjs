/** MB/s of one stream: the blob of a tag over HTTP, by a client that looks at nothing. */
import {get} from 'node:http'

export async function readRate(cluster, tag) {
  const headers = {authorization: `Bearer ${cluster.token}`}
  const page = await json(`${cluster.url}/api/v1/tags/${tag}/entries`, headers)
  const url = `${cluster.url}/blobs/${page.entries[0].entry.blob}`
  const started = performance.now()
  const answer = await open(url, headers)
  if (answer.statusCode !== 200) throw new Error(`${url} answered ${answer.statusCode}`)
  let bytes = 0
  await new Promise((resolve, reject) => {
    answer.on('end', resolve).on('error', reject)
    answer.on('data', part => {
      bytes += part.length
      // Without it the reader's garbage collector is what is measured.
      part.buffer.transfer(0)
    })
  })
  return bytes / 1e6 / ((performance.now() - started) / 1000)
}

const open = (url, headers) => new Promise((resolve, reject) => get(url, {headers}, resolve).on('error', reject))

async function json(url, headers) {
  let text = ''
  for await (const part of (await open(url, headers)).setEncoding('utf8')) text += part
  return JSON.parse(text)
}
