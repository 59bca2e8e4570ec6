import {formatBytes, groupDigits, printable} from '../../base/index.ts'
import type {Report} from './events.ts'

/** A report as one line for a person. */
export function lineOf(report: Exclude<Report, {type: 'pushed'}>): string {
  switch (report.type) {
    case 'truncated':
      return `${printable(report.file)} was cut to nothing and begins anew; what was not read of it is lost, unless a copy has it`
    case 'lost':
      return `Warning: ${printable(report.file)} is gone, and ${formatBytes(report.bytes)} of it were not read`
    case 'unreadable': {
      const hint = report.hint === undefined ? '' : ` (${report.hint})`
      return `Warning: ${printable(report.file)} is left out: ${printable(report.message)}${hint}`
    }
    case 'incomplete':
      return `${printable(report.file)} is not complete yet`
    case 'away': {
      const what = report.tag === '' ? report.file : `${report.file} for ${report.tag}`
      return `Warning: ${printable(what)} has to wait: ${printable(report.message)}; trying again`
    }
    case 'back':
      return 'it works again'
    case 'warning':
      return `Warning: ${printable(report.message)}`
  }
}

/** Sums of one run. */
export class WatchTotals {
  #chunkCount = 0
  #recordCount = 0
  #textBytes = 0
  #lostBytes = 0
  #truncatedCount = 0

  add(report: Report): void {
    if (report.type === 'pushed') {
      this.#chunkCount++
      this.#recordCount += report.entry.recordCount ?? 0
      this.#textBytes += report.to - report.from
    } else if (report.type === 'lost') this.#lostBytes += report.bytes
    else if (report.type === 'truncated') this.#truncatedCount++
  }

  line(): string {
    const chunks = `${groupDigits(this.#chunkCount)} ${this.#chunkCount === 1 ? 'chunk' : 'chunks'}`
    const pushed = `${chunks} pushed: ${groupDigits(this.#recordCount)} records, ${formatBytes(this.#textBytes)}`
    const truncated = this.#truncatedCount === 0 ? '' : `, ${groupDigits(this.#truncatedCount)} files were truncated`
    return `${pushed}${truncated}${this.#lostBytes === 0 ? '' : `, ${formatBytes(this.#lostBytes)} lost`}`
  }
}
