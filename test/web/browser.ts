/** A headless Chromium that is driven over DevTools, and what it saw, asked for and complained of. */
import {type ChildProcess, spawn} from 'node:child_process'
import {existsSync} from 'node:fs'
import WebSocket from 'ws'

/** Undefined: there is none on this machine. */
export const chromium = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(path =>
  existsSync(path),
)

/** What starting a browser and one answer of it may take on a busy machine. Milliseconds. */
const startMs = 60_000
const answerMs = 30_000

interface Message {
  readonly id?: number
  readonly method?: string
  readonly params?: Record<string, unknown>
  readonly result?: Record<string, unknown>
  readonly error?: {readonly message: string}
}

export class Browser {
  /** What pages wrote on their console as a warning or an error, and exceptions. */
  readonly complaints: string[] = []
  /** Addresses that were asked for. */
  readonly requests: string[] = []
  readonly #child: ChildProcess
  readonly #socket: WebSocket
  readonly #session: string
  readonly #waiting = new Map<number, (message: Message) => void>()
  #lastId = 0

  private constructor(child: ChildProcess, socket: WebSocket, session: string) {
    this.#child = child
    this.#socket = socket
    this.#session = session
    socket.on('message', data => this.#receive(JSON.parse(String(data)) as Message))
  }

  /** @param folder - for its profile */
  static async start(folder: string): Promise<Browser> {
    const flags = ['--headless=new', '--no-sandbox', '--disable-gpu', '--no-first-run', '--remote-debugging-port=0']
    const quiet = ['--disable-background-networking', '--disable-component-update', '--disable-dev-shm-usage']
    const child = spawn(chromium ?? '', [...flags, ...quiet, `--user-data-dir=${folder}`, 'about:blank'], {
      stdio: ['ignore', 'ignore', 'pipe'],
      detached: true,
    })
    const socket = new WebSocket(await addressOf(child))
    await new Promise((resolve, reject) => {
      socket.once('open', resolve)
      socket.once('error', reject)
    })
    const ask = (id: number, method: string, params: object): Promise<Message> =>
      new Promise(resolve => {
        const onMessage = (data: unknown): void => {
          const message = JSON.parse(String(data)) as Message
          if (message.id !== id) return
          socket.off('message', onMessage)
          resolve(message)
        }
        socket.on('message', onMessage)
        socket.send(JSON.stringify({id, method, params}))
      })
    const made = await ask(-1, 'Target.createTarget', {url: 'about:blank'})
    const attached = await ask(-2, 'Target.attachToTarget', {targetId: made.result?.['targetId'], flatten: true})
    const browser = new Browser(child, socket, String(attached.result?.['sessionId']))
    for (const domain of ['Page', 'Runtime', 'Network', 'Log']) await browser.send(`${domain}.enable`)
    return browser
  }

  async open(url: string, size: {readonly width: number; readonly height: number}): Promise<void> {
    await this.resize(size)
    await this.send('Page.navigate', {url})
  }

  async resize({width, height}: {readonly width: number; readonly height: number}): Promise<void> {
    const metrics = {width, height, deviceScaleFactor: 1, mobile: width < 500}
    await this.send('Emulation.setDeviceMetricsOverride', metrics)
  }

  /** The value of an expression in the page. */
  async see<Value>(expression: string): Promise<Value> {
    const {result} = await this.send('Runtime.evaluate', {expression, returnByValue: true, awaitPromise: true})
    return (result as {readonly value: Value}).value
  }

  async text(): Promise<string> {
    return await this.see<string>('document.body.innerText')
  }

  async type(text: string): Promise<void> {
    await this.send('Input.insertText', {text})
  }

  /** A key, down and up: `Tab`, `Enter`. */
  async press(key: 'Tab' | 'Enter'): Promise<void> {
    const code = key === 'Tab' ? 9 : 13
    const details = {key, code: key, windowsVirtualKeyCode: code, nativeVirtualKeyCode: code}
    await this.send('Input.dispatchKeyEvent', {type: 'keyDown', ...details, ...(key === 'Enter' && {text: '\r'})})
    await this.send('Input.dispatchKeyEvent', {type: 'keyUp', ...details})
  }

  /** A PNG. */
  async picture(): Promise<Buffer> {
    const {data} = await this.send('Page.captureScreenshot', {format: 'png'})
    return Buffer.from(String(data), 'base64')
  }

  async close(): Promise<void> {
    this.#socket.terminate()
    const ended = new Promise(resolve => this.#child.once('exit', resolve))
    // Its helpers are in its group.
    if (this.#child.exitCode === null && this.#child.pid !== undefined) process.kill(-this.#child.pid, 'SIGKILL')
    await ended
  }

  send(method: string, params: object = {}): Promise<Record<string, unknown>> {
    const id = ++this.#lastId
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`the browser does not answer ${method}`)), answerMs)
      this.#waiting.set(id, ({result, error}) => {
        clearTimeout(timer)
        if (error === undefined) resolve(result ?? {})
        else reject(new Error(`${method}: ${error.message}`))
      })
      this.#socket.send(JSON.stringify({id, method, params, sessionId: this.#session}))
    })
  }

  #receive({id, method, params = {}, ...rest}: Message): void {
    if (id !== undefined) {
      this.#waiting.get(id)?.(rest)
      this.#waiting.delete(id)
    }
    if (method === 'Network.requestWillBeSent') {
      this.requests.push((params['request'] as {readonly url: string}).url)
    }
    if (method === 'Runtime.exceptionThrown') this.complaints.push(JSON.stringify(params))
    if (method === 'Runtime.consoleAPICalled' && ['error', 'warning', 'assert'].includes(String(params['type']))) {
      this.complaints.push(JSON.stringify(params['args']))
    }
    if (method === 'Log.entryAdded') {
      const {level, text, url = ''} = params['entry'] as {level: string; text: string; url?: string}
      if (level === 'error' || level === 'warning') this.complaints.push(`${text} ${url}`)
    }
  }
}

/** Where it listens, as it says on standard error. */
function addressOf({stderr}: ChildProcess): Promise<string> {
  let said = ''
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`the browser did not start: ${said.slice(-500)}`)), startMs)
    stderr?.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-100_000)
      const [, address] = /DevTools listening on (ws:\/\/\S+)/.exec(said) ?? []
      if (address === undefined) return
      clearTimeout(timer)
      resolve(address)
    })
  })
}
