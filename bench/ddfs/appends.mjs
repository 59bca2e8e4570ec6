/** Durable appends a second: many clients, one or many tags, an empty one and one of 100,000 entries. */
import {Agent, request} from 'node:http'

/** Requests under way at a time. */
const clientCount = 64
const bigTagCount = 100_000

export async function appendRates(cluster, count, rounds) {
  const agent = new Agent({keepAlive: true, maxSockets: clientCount})
  const append = (tag, entries) =>
    post(cluster, agent, `/api/v1/tags/${tag}`, {change: {type: 'append', unique: 'entry', entries}})
  const entry = text => ({type: 'url', urls: [`http://example.org/${text}`]})
  const rate = async tagOf => {
    let next = 0
    const started = performance.now()
    const client = async () => {
      while (next < count) {
        const number = next++
        await append(tagOf(number), [entry(`${started}-${number}`)])
      }
    }
    await Promise.all(Array.from({length: clientCount}, client))
    return count / ((performance.now() - started) / 1000)
  }
  try {
    for (let at = 0; at < bigTagCount; at += 1000) {
      await append(
        'bench:big',
        Array.from({length: 1000}, (_, index) => entry(at + index)),
      )
    }
    const [many, one, big, small] = [[], [], [], []]
    for (let round = 0; round < rounds; round++) {
      many.push(await rate(number => `bench:many:${number % 16}`))
      one.push(await rate(() => 'bench:one'))
      small.push(await rate(() => `bench:small:${round}`))
      big.push(await rate(() => 'bench:big'))
    }
    const perSecond = list => `${Math.round(median(list))}/s`
    return [
      {what: 'durable appends of one entry, 16 tags', value: perSecond(many), told: '2,000/s at least'},
      {what: 'the same, one tag', value: perSecond(one), told: '2,000/s at least'},
      {
        what: 'cost of an append to a tag of 100,000 entries, over that to a new one',
        value: (median(small) / median(big)).toFixed(2),
        told: '1.5 at most',
      },
    ]
  } finally {
    agent.destroy()
  }
}

function post({url, token}, agent, path, body) {
  return new Promise((resolve, reject) => {
    const headers = {authorization: `Bearer ${token}`, 'content-type': 'application/json'}
    const sent = request(url + path, {method: 'POST', agent, headers}, response => {
      let text = ''
      response.setEncoding('utf8').on('data', part => {
        text += part
      })
      response.on('end', () =>
        response.statusCode < 300 ? resolve() : reject(new Error(`${response.statusCode} ${text}`)),
      )
    })
    sent.on('error', reject)
    sent.end(JSON.stringify(body))
  })
}

function median(list) {
  return list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)]
}
