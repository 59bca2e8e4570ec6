import {Args} from '@oclif/core'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {tagFlags} from '../../src/cli/cluster-flags.ts'

export default class Du extends BaseCommand {
  static override summary = 'Show how many bytes tags name, and what they take with all copies'
  static override description =
    'Links are not followed. A blob that several tags name counts for each of them; copies are those that are wanted.'
  static override examples = ['<%= config.bin %> ddfs du data:', '<%= config.bin %> ddfs du --json']
  static override strict = false
  static override args = {prefix: Args.string({description: 'begins of names; all tags without one'})}
  static override flags = tagFlags

  async run(): Promise<unknown> {
    const {flags, argv} = await this.parse(Du)
    const [{withCluster, listAllTags}, {aligned}, {formatBytes}] = await Promise.all([
      import('../../src/client/index.ts'),
      import('../../src/cli/ddfs/text.ts'),
      import('../../src/base/index.ts'),
    ])
    const rows: {tag: string; entryCount: number; bytes: number; bytesWithCopies: number; rawBytes: number}[] = []
    await withCluster(flags, async client => {
      for (const prefix of argv.length === 0 ? [''] : (argv as string[])) {
        for await (const {tag, entryCount, bytes, rawBytes, replicaCount} of listAllTags(client, prefix)) {
          rows.push({tag, entryCount, bytes, bytesWithCopies: bytes * replicaCount, rawBytes})
        }
      }
    })
    const sum = (of: (row: (typeof rows)[number]) => number): number => rows.reduce((total, row) => total + of(row), 0)
    const total = {
      tagCount: rows.length,
      entryCount: sum(row => row.entryCount),
      bytes: sum(row => row.bytes),
      bytesWithCopies: sum(row => row.bytesWithCopies),
      rawBytes: sum(row => row.rawBytes),
    }
    if (!flags.json) {
      const line = (row: {entryCount: number; bytes: number; bytesWithCopies: number}, name: string): string[] => [
        formatBytes(row.bytes),
        formatBytes(row.bytesWithCopies),
        String(row.entryCount),
        name,
      ]
      const lines = rows.map(row => line(row, row.tag))
      process.stdout.write(aligned([['bytes', 'with copies', 'entries', 'tag'], ...lines, line(total, 'total')]))
    }
    return {tags: rows, total}
  }
}
