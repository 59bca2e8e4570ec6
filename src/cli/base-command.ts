/** What all commands share: --json prints exactly what run() returns, with all digits of big numbers. */
import {Command} from '@oclif/core'
import {printableLines} from '../base/index.ts'

export abstract class BaseCommand extends Command {
  static override enableJsonFlag = true

  protected override logJson(json: unknown): void {
    const withDigits = (_: string, value: unknown): unknown =>
      typeof value === 'bigint' ? JSON.rawJSON(String(value)) : value
    const text = `${JSON.stringify(json, withDigits, 2)}\n`
    // JSON itself leaves DEL, C1 and bidirectional controls as they are.
    process.stdout.write(process.stdout.isTTY ? printableLines(text) : text)
  }
}
