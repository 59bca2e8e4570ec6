/** Logs of two web servers that are being written, and what a database must hold of them at any moment. */
import {appendFileSync, renameSync} from 'node:fs'
import {join} from 'node:path'

const servers = ['web1', 'web2']
/** Lines that a server writes at once, in one call. */
const burst = 40
/** Every so many lines one is cut off. */
const badEvery = 997
const sizes = ['300x250', '728x90', '160x600']
const sites = ['bighealthtree.com', 'gardenhub.org', 'moviespot.net', 'puppyworld.ca']
/** 2026-11-23T00:00:00Z; a line later each time, so that some hours come together. */
const startMs = 1_795_392_000_000
const stepMs = 4000

export class LiveLogs {
  lines = 0
  goodLines = 0
  #folder
  #campaigns = new Map()
  #hours = new Map()
  #people = new Map()

  constructor(folder) {
    this.#folder = folder
  }

  /** A few lines more in the log of each server. */
  write() {
    for (const server of servers) {
      const lines = Array.from({length: burst}, () => this.#line())
      appendFileSync(join(this.#folder, `${server}.ndjson`), lines.join(''))
    }
  }

  /** As logrotate does: the old log under another name, the next line in a new one. */
  rotate() {
    for (const server of servers) {
      renameSync(join(this.#folder, `${server}.ndjson`), join(this.#folder, `${server}.ndjson.1`))
    }
  }

  /** By table, rows as text, sorted. Costs in ten-thousandths. */
  expectedRows() {
    const sums = map =>
      [...map].map(([key, [count, clicks, cost]]) => `${key}|${count}|${clicks}|${decimal(cost)}`).sort()
    return {
      campaigns: sums(this.#campaigns),
      hours: sums(this.#hours),
      people: [...this.#people].map(([key, {people, count}]) => `${key}|${people.size}|${count}`).sort(),
    }
  }

  #line() {
    const number = this.lines++
    const timeMs = startMs + number * stepMs
    const campaign = 10_800 + ((number * 7) % 12)
    const site = sites[(number * 5 + (number >> 4)) % sites.length]
    const size = sizes[number % sizes.length]
    const ip = `10.0.${number % 7}.${(number * 13) % 101}`
    const cost = (number * 31) % 9973
    const clicked = number % 32 === 0
    const text = `{"time":"${timeMs}","campaign_id":${campaign},"domain":"${site}","size":"${size}","ip_address":"${ip}","price":${decimal(cost)},"clicked":${clicked}}\n`
    if (number % badEvery === badEvery - 1) return `${text.slice(0, 60)}\n`
    this.goodLines++
    const time = new Date(timeMs).toISOString()
    add(this.#campaigns, campaign, clicked, cost)
    add(this.#hours, `${time.slice(0, 13)}|${size}`, clicked, cost)
    const key = `${time.slice(0, 10)}|${site}`
    const visits = this.#people.get(key) ?? {people: new Set(), count: 0}
    visits.people.add(ip)
    visits.count++
    this.#people.set(key, visits)
    return text
  }
}

function add(map, key, clicked, cost) {
  const sums = map.get(key) ?? [0, 0, 0]
  sums[0]++
  sums[1] += clicked ? 1 : 0
  sums[2] += cost
  map.set(key, sums)
}

const decimal = units => `${Math.floor(units / 10_000)}.${String(units % 10_000).padStart(4, '0')}`
