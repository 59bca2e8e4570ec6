import {BaseCommand} from '../../src/cli/base-command.ts'
import {settingFlags} from '../../src/cli/settings-flags.ts'

export default class Settings extends BaseCommand {
  static override summary = 'Show the settings that hold, and where each was said'
  static override description =
    `A setting comes from the file, over it from its variable of the environment, over both from the flag of a command. Secrets are hidden.
With flags of a command it shows what that command would work with.
The file is -e FILE, or the first of ~/.inferno, ~/.config/disco-inferno/settings.yaml, /etc/inferno/settings.yaml.`
  static override examples = [
    '<%= config.bin %> inferno settings',
    '<%= config.bin %> inferno settings -e settings.yaml --json',
    '<%= config.bin %> inferno settings --threads 2 --to sqlite:rows.db',
  ]
  static override flags = settingFlags

  async run(): Promise<unknown> {
    const {flags, raw} = await this.parse(Settings)
    const typed = new Set(raw.flatMap(token => (token.type === 'flag' ? [token.flag] : [])))
    const {settingsText, shownSettings} = await import('../../src/cli/show-settings.ts')
    const settings = await shownSettings(
      flags.settings,
      Object.fromEntries(Object.entries(flags).filter(([name]) => typed.has(name))),
    )
    if (!flags.json) process.stdout.write(settingsText(settings))
    return settings
  }
}
