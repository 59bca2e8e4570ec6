/** The templates on a cluster with a certificate that nobody else knows: addresses are https, and the workers trust what the node trusts. */
import {spawnSync} from 'node:child_process'
import {afterAll, beforeAll, expect, test} from 'vitest'
import {DiscoProject} from '../../cli/disco-project.ts'
import {selfSignedCertificate} from '../mesh/certificate.ts'

class TlsProject extends DiscoProject {
  override env(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
    return super.env({DISCO_CA: this.path('cert.pem'), ...more})
  }
}

let project: TlsProject
beforeAll(() => {
  project = new TlsProject()
  const {cert, key} = selfSignedCertificate()
  project.write('cert.pem', cert)
  project.write('key.pem', key)
  project.startCluster('--tls-cert', project.path('cert.pem'), '--tls-key', project.path('key.pem'))
})
afterAll(async () => {
  expect(await project.stopCluster()).toEqual([])
  project.close()
})

const has = (program: string): boolean => spawnSync('which', [program]).status === 0

test.each([
  ['shell-worker', 'curl'],
  ['python-worker', 'python3'],
  ['node-worker', 'node'],
  ['c-worker', 'curl'],
])('the %s reads its inputs by https', (template, program) => {
  if (!has(program)) return
  const made = project.inferno(['init', `p/${template}`, '--template', template])
  const commands = made.stdout.split('next:\n')[1]!.trim().split('\n').slice(2)
  const {exitCode, stdout, stderr} = project.shell(`cd "p/${template}"; set -e\n${commands.join('\n')}`)
  expect(exitCode, stderr).toBe(0)
  expect(stdout).toMatch(/^harbour\t\d+$/m)
})
