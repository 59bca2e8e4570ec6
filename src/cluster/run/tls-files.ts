/** Certificates that are replaced while the node runs: by a signal, or because the files have changed. */
import {unwatchFile, watchFile} from 'node:fs'
import {createSecureContext} from 'node:tls'
import {messageOf} from '../../base/index.ts'
import type {NodeServer} from '../http/index.ts'
import type {Log} from './log.ts'
import {readPem, type TlsFiles} from './options.ts'

/** How often the files are looked at. Certificates are renewed every some weeks. Milliseconds. */
const lookEveryMs = 10_000

/** Links and connections that are open keep the certificate they began with. Ended by disposing it. */
export class TlsReload implements Disposable {
  readonly #server: NodeServer
  readonly #paths: NonNullable<TlsFiles['paths']>
  readonly #log: Log
  readonly #onChange = (): void => void this.reload()

  constructor(server: NodeServer, paths: NonNullable<TlsFiles['paths']>, log: Log) {
    this.#server = server
    this.#paths = paths
    this.#log = log
    for (const path of this.#files) watchFile(path, {interval: lookEveryMs, persistent: false}, this.#onChange)
  }

  /** New connections get what is in the files now. What cannot be used is told, and the old one goes on. @returns whether it was taken */
  reload(): boolean {
    const [certificate, key] = this.#files
    try {
      const tls = {certificate: readPem(certificate), key: readPem(key)}
      // Also that the two belong together: they may be replaced one after the other.
      createSecureContext({cert: tls.certificate, key: tls.key})
      this.#server.setTls(tls)
      this.#log({level: 'info', msg: 'certificate taken', path: certificate})
      return true
    } catch (error) {
      this.#log({level: 'error', msg: 'certificate not taken', path: certificate, text: messageOf(error)})
      return false
    }
  }

  [Symbol.dispose](): void {
    for (const path of this.#files) unwatchFile(path, this.#onChange)
  }

  get #files(): readonly [string, string] {
    return [this.#paths.certificate, this.#paths.key]
  }
}
