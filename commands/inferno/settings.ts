import {BaseCommand} from '../../src/cli/base-command.ts'
import {ruleFlags} from '../../src/cli/run-flags.ts'

export default class Settings extends BaseCommand {
  static override summary = 'Show the settings that hold, and where each was said'
  static override description =
    `A setting comes from the file, over it from its variable of the environment, over both from the flag of a command. Secrets are hidden.
The file is -e FILE, or the first of ~/.inferno, ~/.config/disco-inferno/settings.yaml, /etc/inferno/settings.yaml.`
  static override examples = [
    '<%= config.bin %> inferno settings',
    '<%= config.bin %> inferno settings -e settings.yaml --json',
  ]
  static override flags = {settings: ruleFlags.settings}

  async run(): Promise<unknown> {
    const {flags} = await this.parse(Settings)
    const {settingsText, shownSettings} = await import('../../src/cli/show-settings.ts')
    const settings = await shownSettings(flags.settings)
    if (!flags.json) process.stdout.write(settingsText(settings))
    return settings
  }
}
