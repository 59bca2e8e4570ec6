/** Services that people are told by, on loopback: an HTTP one that keeps what it gets, and the least of a mail server. */
import {createServer as createHttpServer} from 'node:http'
import {type AddressInfo, createServer, type Server} from 'node:net'
import {onTestFinished} from 'vitest'

export interface Posted {
  readonly path: string
  readonly body: Record<string, unknown>
}

/** @param statuses - of its answers, the last one again and again */
export async function httpService(statuses: readonly number[] = [200]): Promise<{url: string; posted: Posted[]}> {
  const posted: Posted[] = []
  const server = createHttpServer((request, response) => {
    let text = ''
    request.setEncoding('utf8').on('data', chunk => {
      text += chunk
    })
    request.on('end', () => {
      posted.push({path: request.url ?? '', body: JSON.parse(text) as Record<string, unknown>})
      response.writeHead(statuses[Math.min(posted.length, statuses.length) - 1] ?? 200)
      response.end('said so')
    })
  })
  return {url: await listening(server, 'http'), posted}
}

export interface Mail {
  readonly commands: readonly string[]
  readonly text: string
}

/** @param isRefusing - of whom mail is for */
export async function mailService({isRefusing = false} = {}): Promise<{url: string; mails: Mail[]}> {
  const mails: Mail[] = []
  const server = createServer(socket => {
    const commands: string[] = []
    let data: string[] | undefined
    const say = (line: string): void => void socket.write(`${line}\r\n`)
    say('220 stand-in')
    let rest = ''
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\r\n')
      rest = lines.pop() ?? ''
      for (const line of lines) take(line)
    })
    socket.on('error', () => socket.destroy())
    function take(line: string): void {
      if (data !== undefined) {
        if (line !== '.') data.push(line)
        else {
          mails.push({commands, text: data.join('\n')})
          data = undefined
          say('250 kept')
        }
        return
      }
      commands.push(line)
      const verb = line.slice(0, 4).toUpperCase()
      if (verb === 'EHLO') say('250-stand-in\r\n250 AUTH PLAIN')
      else if (verb === 'AUTH') say('235 known')
      else if (verb === 'RCPT' && isRefusing) say('550 nobody of that name')
      else if (verb === 'DATA') {
        data = []
        say('354 go on')
      } else if (verb === 'QUIT') socket.end('221 bye\r\n')
      else say('250 fine')
    }
  })
  return {url: await listening(server, 'smtp'), mails}
}

async function listening(server: Server, protocol: string): Promise<string> {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return `${protocol}://127.0.0.1:${(server.address() as AddressInfo).port}`
}
