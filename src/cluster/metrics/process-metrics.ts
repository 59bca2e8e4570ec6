/** Numbers of this process, under the names that Prometheus' own clients use where there are such. */
import {memoryUsage, resourceUsage, uptime} from 'node:process'
import type {Family} from './prometheus.ts'

/** Of this process. Names without `disco_` are those that dashboards know from other programs. */
export function processFamilies(software: string): Family[] {
  const {userCPUTime, systemCPUTime} = resourceUsage()
  const {rss, heapUsed} = memoryUsage()
  const version = software.split(' ').at(-1) ?? ''
  return [
    one('disco_build_info', 'gauge', 'Always 1; its label tells the version of the program.', 1, {version}),
    one(
      'process_cpu_seconds_total',
      'counter',
      'Processor time of this process, user and system.',
      (userCPUTime + systemCPUTime) / 1e6,
    ),
    one('process_resident_memory_bytes', 'gauge', 'Memory that this process holds.', rss),
    one('process_heap_bytes', 'gauge', 'Memory of JavaScript values in use.', heapUsed),
    one(
      'process_start_time_seconds',
      'gauge',
      'Start of this process, seconds since 1970.',
      Math.round(Date.now() / 1000 - uptime()),
    ),
  ]
}

/** A family of one sample. */
export const one = (
  name: string,
  type: Family['type'],
  help: string,
  value: number,
  labels?: Readonly<Record<string, string>>,
): Family => ({name, type, help, samples: [labels === undefined ? {value} : {labels, value}]})
