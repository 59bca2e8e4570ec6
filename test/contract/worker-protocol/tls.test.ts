/** The templates on a cluster with a certificate that nobody else knows: addresses are https, and the workers trust what the node trusts. */
import {expect, test} from 'vitest'
import {clusterFor} from '../../cli/cluster-for.ts'
import {DiscoProject} from '../../cli/disco-project.ts'
import {selfSignedCertificate} from '../mesh/certificate.ts'
import {runTemplate, workerTemplates} from './template-cluster.ts'

class TlsProject extends DiscoProject {
  override env(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
    return super.env({DISCO_CA: this.path('cert.pem'), ...more})
  }
}

const project = clusterFor(
  () => {
    const made = new TlsProject()
    const {cert, key} = selfSignedCertificate()
    made.write('cert.pem', cert)
    made.write('key.pem', key)
    return made
  },
  made => ['--tls-cert', made.path('cert.pem'), '--tls-key', made.path('key.pem')],
)

test.each(workerTemplates)('the %s reads its inputs by https', template => {
  expect(runTemplate(project(), template).stdout).toMatch(/^harbour\t\d+$/m)
})
