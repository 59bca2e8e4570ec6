import {Args} from '@oclif/core'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {clusterFlags} from '../../src/cli/cluster-flags.ts'

export default class Config extends BaseCommand {
  static override summary = 'Show or change the settings of the cluster'
  static override description =
    'A change holds for the whole cluster at once, and is kept. list shows each with its default, what it counts and what it is for.'
  static override examples = [
    '<%= config.bin %> disco config list',
    '<%= config.bin %> disco config get',
    '<%= config.bin %> disco config set replicas 2',
  ]
  static override args = {
    action: Args.string({description: 'get, set or list', required: true, options: ['get', 'set', 'list']}),
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
    const unknownSetting = (name = '', known: readonly string[] = []): Error =>
      new UserError('BAD_SETTING', `there is no setting "${printable(name)}"`, {
        hint: didYouMean(name, known) || 'see them with: disco config list',
      })
    if (action === 'set' && (setting === undefined || value === undefined)) {
      throw new UserError('BAD_FLAG', 'set needs the name of a setting and its value', {
        hint: 'see them with: disco config list',
        exitCode: 2,
      })
    }
    if (action === 'list') {
      const {settings: all} = await withCluster(flags, client => client.settingInfos())
      const infos = all.filter(({name}) => setting === undefined || name === setting)
      if (infos.length === 0)
        throw unknownSetting(
          setting,
          all.map(({name}) => name),
        )
      const rows = infos.map(info => [info.name, info.value, info.default, info.unit, info.about])
      if (!flags.json) process.stdout.write(aligned([['setting', 'value', 'default', 'unit', 'meaning'], ...rows]))
      return infos
    }
    const settings = await withCluster(flags, client =>
      action === 'set' ? client.setSetting(setting ?? '', value) : client.settings(),
    )
    const names = Object.keys(settings).filter(name => setting === undefined || name === setting)
    if (names.length === 0) throw unknownSetting(setting, Object.keys(settings))
    if (!flags.json) process.stdout.write(aligned(names.map(name => [name, String(settings[name])])))
    return setting === undefined ? settings : {[setting]: settings[setting]}
  }
}
