/** How an input is packed: told by its content and not by its name. */
import {printable, UserError} from '../base/index.ts'
import {isDiscoStream} from '../protocol/index.ts'

export type Compression = 'none' | 'gzip' | 'zstd' | 'disco'

/** Other packers that people have logs in: named in the error instead of reading rubbish. */
const unsupported: readonly {readonly name: string; readonly magic: readonly number[]; readonly command: string}[] = [
  {name: 'xz', magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a], command: 'xz -dc'},
  {name: 'bzip2', magic: [0x42, 0x5a, 0x68], command: 'bzip2 -dc'},
  {name: 'a zip archive', magic: [0x50, 0x4b, 0x03, 0x04], command: 'unzip -p'},
  {name: 'lz4', magic: [0x04, 0x22, 0x4d, 0x18], command: 'lz4 -dc'},
]

/**
 * @param head - the first bytes: `discoProbeBytes`, or as many as told that it is no stream of Disco, or all
 * @throws UserError INPUT_UNREADABLE for a packer that is not read here, with the command that unpacks it
 */
export function compressionOf(head: Uint8Array, name: string): Compression {
  const startsWith = (magic: readonly number[]): boolean => magic.every((byte, index) => head[index] === byte)
  if (startsWith([0x1f, 0x8b])) return 'gzip'
  if (startsWith([0x28, 0xb5, 0x2f, 0xfd])) return 'zstd'
  // Parallel packers put a skippable frame first.
  if (((head[0] ?? 0) & 0xf0) === 0x50 && head[1] === 0x2a && head[2] === 0x4d && head[3] === 0x18) return 'zstd'
  // Records as Disco's jobs and `ddfs chunk` of old left them.
  if (isDiscoStream(head)) return 'disco'
  const other = unsupported.find(({magic}) => startsWith(magic))
  if (other) {
    throw new UserError('INPUT_UNREADABLE', `${printable(name)} is ${other.name}; gzip and zstd are read directly`, {
      hint: `unpack it into a pipe: ${other.command} ${printable(name)} | inferno … --input -`,
    })
  }
  return 'none'
}
