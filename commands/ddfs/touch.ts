import {Args} from '@oclif/core'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {tagFlags, writeFlags} from '../../src/cli/cluster-flags.ts'

export default class Touch extends BaseCommand {
  static override summary = 'Make tags that are empty; those that exist stay as they are'
  static override examples = ['<%= config.bin %> ddfs touch data:new']
  static override strict = false
  static override args = {tag: Args.string({description: 'tags', required: true})}
  static override flags = {...tagFlags, replicas: writeFlags.replicas}

  async run(): Promise<unknown> {
    const {flags, argv} = await this.parse(Touch)
    const [{withCluster, appendEntries}, {tagNameOf}] = await Promise.all([
      import('../../src/client/index.ts'),
      import('../../src/cli/ddfs/tag-arguments.ts'),
    ])
    return withCluster(flags, async client => {
      const tags = []
      for (const text of argv as string[]) {
        const options = {tagToken: flags['tag-token'], replicaCount: flags.replicas}
        tags.push((await appendEntries(client, tagNameOf(text), [], options)).answer.tag)
      }
      return tags
    })
  }
}
