import {BaseCommand} from '../../src/cli/base-command.ts'
import {clusterFlags} from '../../src/cli/cluster-flags.ts'

export default class Doctor extends BaseCommand {
  static override summary = 'Look for what is wrong with this machine and the cluster, and say what to do'
  static override description =
    'Folder, tokens, disk, limits, ports, versions, clock, copies, encryption. Each line is ok, warn or bad. Ends with status 1 when something is bad.'
  static override examples = ['<%= config.bin %> disco doctor', '<%= config.bin %> disco doctor --json']
  static override flags = clusterFlags

  async run(): Promise<unknown> {
    const {flags} = await this.parse(Doctor)
    const {doctorText, examine} = await import('../../src/cli/disco/doctor/doctor.ts')
    const findings = await examine(flags, this.config.version)
    if (!flags.json) process.stdout.write(doctorText(findings))
    if (findings.some(({level}) => level === 'bad')) process.exitCode = 1
    return findings
  }
}
