/** What all commands share: --json prints exactly what run() returns, with all digits of big numbers. */
import {Command} from '@oclif/core'
import {bigIntsAsDigits, printableLines} from '../base/index.ts'

export abstract class BaseCommand extends Command {
  static override enableJsonFlag = true

  protected override logJson(json: unknown): void {
    const text = `${JSON.stringify(json, bigIntsAsDigits, 2)}\n`
    // JSON itself leaves DEL, C1 and bidirectional controls as they are.
    process.stdout.write(process.stdout.isTTY ? printableLines(text) : text)
  }
}
