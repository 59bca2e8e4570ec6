import {Args, Flags} from '@oclif/core'
import {BaseCommand} from '../src/cli/base-command.ts'

export default class InstallLinks extends BaseCommand {
  static override summary = 'Put disco, ddfs and inferno on your path'
  static override description = `Makes links named disco-inferno, disco, ddfs and inferno to this program in a folder.
Called by one of the last three names, the program puts that topic in front: "ddfs ls" is "disco-inferno ddfs ls".`
  static override examples = ['<%= config.bin %> install-links ~/.local/bin']
  static override args = {
    dir: Args.string({description: 'folder for the links; made when missing', required: true}),
  }
  static override flags = {
    force: Flags.boolean({description: 'replace files of these names that are something else'}),
  }

  async run(): Promise<unknown> {
    const {args, flags} = await this.parse(InstallLinks)
    const {installLinks} = await import('../src/cli/install-links.ts')
    return installLinks(args.dir, flags)
  }
}
