/** An authority of its own for one run, and certificates of nodes by their addresses. */
import {execFileSync} from 'node:child_process'
import {writeFileSync} from 'node:fs'
import {join} from 'node:path'

const openssl = (...words: string[]): void => {
  execFileSync('openssl', words, {stdio: ['ignore', 'ignore', 'ignore']})
}

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']

export class Authority {
  readonly certificate: string
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
    this.certificate = join(folder, 'ca.pem')
    const key = join(folder, 'ca.key')
    openssl('req', '-x509', ...newKey, '-keyout', key, '-out', this.certificate, '-days', '2', '-subj', '/CN=test')
  }

  /** Flags of a node at that address. */
  flagsFor(name: string, address: string): string[] {
    const path = (end: string): string => join(this.#folder, `${name}.${end}`)
    writeFileSync(path('ext'), `subjectAltName=IP:${address}\n`)
    openssl('req', ...newKey, '-keyout', path('key'), '-out', path('csr'), '-subj', `/CN=${name}`)
    const signer = ['-CA', this.certificate, '-CAkey', join(this.#folder, 'ca.key'), '-CAcreateserial']
    openssl('x509', '-req', '-in', path('csr'), ...signer, '-out', path('pem'), '-days', '2', '-extfile', path('ext'))
    return ['--tls-cert', path('pem'), '--tls-key', path('key'), '--ca', this.certificate]
  }
}
