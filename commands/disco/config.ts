import {Args} from '@oclif/core'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {clusterFlags} from '../../src/cli/cluster-flags.ts'

export default class Config extends BaseCommand {
  static override summary = 'Show or change the settings of the cluster'
  static override examples = ['<%= config.bin %> disco config get', '<%= config.bin %> disco config set replicas 2']
  static override args = {
    action: Args.string({description: 'get or set', required: true, options: ['get', 'set']}),
    setting: Args.string({description: 'name of the setting; get without one shows all'}),
    value: Args.string({description: 'with set: what it shall be'}),
  }
  static override flags = clusterFlags

  async run(): Promise<unknown> {
    const {flags, args} = await this.parse(Config)
    const [{withCluster}, {aligned}, {didYouMean, printable, UserError}] = await Promise.all([
      import('../../src/client/index.ts'),
      import('../../src/cli/ddfs/text.ts'),
      import('../../src/base/index.ts'),
    ])
    const {action, setting, value} = args
    if (action === 'set' && (setting === undefined || value === undefined)) {
      throw new UserError('BAD_FLAG', 'set needs the name of a setting and its value', {
        hint: 'see them with: disco config get',
        exitCode: 2,
      })
    }
    const settings = await withCluster(flags, client =>
      action === 'set' ? client.setSetting(setting ?? '', value) : client.settings(),
    )
    const names = Object.keys(settings).filter(name => setting === undefined || name === setting)
    if (names.length === 0) {
      throw new UserError('BAD_SETTING', `there is no setting "${printable(setting ?? '')}"`, {
        hint: didYouMean(setting ?? '', Object.keys(settings)) || 'see them with: disco config get',
      })
    }
    if (!flags.json) process.stdout.write(aligned(names.map(name => [name, String(settings[name])])))
    return setting === undefined ? settings : {[setting]: settings[setting]}
  }
}
