import {Args, Flags} from '@oclif/core'
import {BaseCommand} from '../../src/cli/base-command.ts'

export default class InstallService extends BaseCommand {
  static override summary = 'Print a systemd unit for a master, an agent or the daemon of rules'
  static override description =
    `Hardened: its own user, nothing writable but its folders, no capabilities, only the system calls of a service. Nothing is changed on this machine unless --write names a folder.

What follows -- are arguments of the process itself.`
  static override examples = [
    '<%= config.bin %> disco install-service start',
    '<%= config.bin %> disco install-service agent --volume /data1 --write /etc/systemd/system -- --join wss://10.0.0.1:8989 --host 10.0.0.2 --tls-cert /etc/disco/node.pem --tls-key /etc/disco/node.key',
  ]
  static override strict = false
  static override args = {
    role: Args.string({
      description: 'master, agent, start (both in one process) or daemon (rules on schedule)',
      required: true,
      options: ['master', 'agent', 'start', 'daemon'],
    }),
  }
  static override flags = {
    user: Flags.string({description: 'user that it runs as', default: 'disco'}),
    home: Flags.string({description: 'folder of its data', default: '/var/lib/disco', helpValue: 'DIR'}),
    volume: Flags.string({
      description: 'folder for blobs of an agent, one a disk; repeatable',
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'DIR',
    }),
    drain: Flags.integer({
      description: 'what tasks, or runs of rules, get to end in',
      default: 60,
      min: 0,
      max: 3600,
      helpValue: 'SECONDS',
    }),
    write: Flags.string({description: 'write it into this folder instead of printing it', helpValue: 'DIR'}),
  }

  async run(): Promise<unknown> {
    const {flags, args, argv} = await this.parse(InstallService)
    const {installService} = await import('../../src/cli/disco/service/install-service.ts')
    const made = installService({...flags, role: args.role, args: (argv as string[]).slice(1)})
    if (!flags.json) process.stdout.write(made.path === undefined ? made.text : `${made.path}\n`)
    if (!flags.json && made.path !== undefined) process.stderr.write(made.next)
    return made
  }
}
