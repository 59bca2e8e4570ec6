/** What all commands share: settings behind flags, and --json prints exactly what run() returns, with all digits of big numbers. */
import {Command, type Interfaces} from '@oclif/core'
import {bigIntsAsDigits, printableLines} from '../base/index.ts'

/** Flags or arguments by name. */
type Parsed = Record<string, unknown>

export abstract class BaseCommand extends Command {
  static override enableJsonFlag = true

  /** Flags as typed; those that were not, from the environment, then from the settings file. */
  protected override async parse<F extends Parsed, B extends Parsed, A extends Parsed>(
    options?: Interfaces.Input<F, B, A>,
    argv?: string[],
  ): Promise<Interfaces.ParserOutput<F, B, A>> {
    const parsed = await super.parse<F, B, A>(options, argv)
    const known: Readonly<Record<string, {readonly env?: string}>> = options?.flags ?? {}
    if (Object.values(known).some(({env}) => env !== undefined)) {
      const {applySettings} = await import('./apply-settings.ts')
      const typed = parsed.raw.flatMap(token => (token.type === 'flag' ? [token.flag] : []))
      await applySettings({flags: parsed.flags, typed, known})
    }
    return parsed
  }

  protected override logJson(json: unknown): void {
    const text = `${JSON.stringify(json, bigIntsAsDigits, 2)}\n`
    // JSON itself leaves DEL, C1 and bidirectional controls as they are.
    process.stdout.write(process.stdout.isTTY ? printableLines(text) : text)
  }
}
