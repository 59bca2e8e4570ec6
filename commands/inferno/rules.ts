import {BaseCommand} from '../../src/cli/base-command.ts'
import {ruleFlags} from '../../src/cli/run-flags.ts'

export default class Rules extends BaseCommand {
  static override summary = 'List the rules of a folder, with what is wrong with them'
  static override examples = [
    '<%= config.bin %> inferno rules',
    '<%= config.bin %> inferno rules -y my-rules/rules --json',
  ]
  static override flags = {'rules-directory': ruleFlags['rules-directory'], settings: ruleFlags.settings}

  async run(): Promise<unknown> {
    const {flags} = await this.parse(Rules)
    const {listRules, listingText} = await import('../../src/cli/rule-tools.ts')
    const listings = await listRules(flags['rules-directory'])
    if (!flags.json) process.stdout.write(listingText(listings))
    if (listings.some(listing => listing.problems.length > 0)) process.exitCode = 1
    return listings
  }
}
