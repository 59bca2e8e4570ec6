/**
 * The partition of a key when its job has no partitioner of its own: the CRC-32 of its bytes, the same on every machine.
 *
 * With a table of our own, because keys are short and a call into Node costs more than hashing them.
 */
const polynomial = 0xedb8_8320

/** Makes the table once for a task. @returns the partition, below `partitions`, of the key in `bytes` */
export function hashPartitioner(partitions: number): (bytes: Buffer, start: number, end: number) => number {
  const table = new Int32Array(256)
  for (let byte = 0; byte < 256; byte++) {
    let sum = byte
    for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ polynomial : sum >>> 1
    table[byte] = sum
  }
  return (bytes, start, end) => {
    let sum = -1
    for (let at = start; at < end; at++) sum = table[(sum ^ bytes[at]!) & 0xff]! ^ (sum >>> 8)
    return (~sum >>> 0) % partitions
  }
}
