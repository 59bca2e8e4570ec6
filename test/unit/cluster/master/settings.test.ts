import {readFileSync} from 'node:fs'
import {describe, expect, test} from 'vitest'
import {
  jobSettingsOf,
  parseDuration,
  parseSetting,
  type SettingName,
  settingInfos,
  settingOf,
  settings,
  settingsOf,
  settingText,
} from '../../../../src/cluster/master/settings.ts'
import {timingsDefault} from '../../../../src/mesh/index.ts'
import {schedulerSettingsDefault} from '../../../../src/scheduler/index.ts'

const names = Object.keys(settings) as SettingName[]

describe('a setting', () => {
  test.each<readonly [SettingName, unknown, number]>([
    ['replicas', '3', 3],
    ['replicas', 1, 1],
    ['gcEvery', '90s', 90_000],
    ['gcEvery', '1.5h', 5_400_000],
    ['gcEvery', '250', 250],
    ['gcGrace', '0', 0],
    ['repairRate', '200MB', 200_000_000],
    ['balanceThreshold', '0.25', 0.25],
    ['speculation', 'off', 0],
    ['speculation', ' ON', 1],
    ['speculation', 'true', 1],
    ['jobPolicy', 'fifo', 1],
    ['slowRatio', '2.5', 2.5],
    ['slotsPerJob', '0', 0],
    ['localityWait', '0s', 0],
  ])('%s takes %o', (name, value, wanted) => {
    expect(parseSetting(name, value)).toBe(wanted)
  })

  test.each<readonly [SettingName, unknown]>([
    ['replicas', '0'],
    ['replicas', '10'],
    ['replicas', '1.5'],
    ['replicas', ''],
    ['replicas', 'three'],
    ['gcEvery', '-1s'],
    ['gcEvery', '5 weeks'],
    ['gcEvery', '99999d'],
    ['gcEvery', Number.NaN],
    ['tombstone', '999ms'],
    ['repairRate', '0'],
    ['balanceThreshold', '2'],
    ['balanceThreshold', 'Infinity'],
    ['speculation', 'maybe'],
    ['speculation', '2'],
    ['jobPolicy', 'random'],
    ['jobsRunningMax', '0'],
    ['slowRatio', '0.5'],
  ])('%s does not take %o, and says what it takes', (name, value) => {
    expect(() => parseSetting(name, value)).toThrow(
      expect.objectContaining({code: 'BAD_SETTING', hint: expect.any(String)}),
    )
  })

  test.each(names)('%s is written so that it can be read again', name => {
    const {default: standard, min} = settings[name]
    for (const value of [standard, min]) expect(parseSetting(name, settingText(name, value))).toBe(value)
  })

  test('of a name that there is not is refused with the one that was meant', () => {
    expect(() => settingOf('replica')).toThrow(expect.objectContaining({hint: expect.stringContaining('replicas')}))
    expect(() => settingOf('constructor')).toThrow('there is no setting "constructor"')
    expect(settingOf('replicas')).toBe('replicas')
  })
})

test.each([
  ['10', 10],
  ['1ms', 1],
  [' 2 m ', 120_000],
  ['1d', 86_400_000],
  ['', undefined],
  ['1e3s', undefined],
  ['s', undefined],
  ['1s1s', undefined],
])('"%s" is %o milliseconds', (text, wanted) => {
  expect(parseDuration(text)).toBe(wanted)
})

test('values of the cluster come before the defaults, and timings from the mesh', () => {
  const all = settingsOf({replicas: 2, tokens: 'x', gcEvery: 'not a number'}, {...timingsDefault, heartbeatMs: 77})
  expect(all.replicas).toBe(2)
  expect(all.heartbeat).toBe(77)
  expect(all.gcEvery).toBe(settings.gcEvery.default)
  expect(Object.keys(all)).toEqual(names)
})

test('what the scheduler is told without any change is what it does by itself', () => {
  const told = jobSettingsOf(settingsOf({}, timingsDefault))
  expect({...schedulerSettingsDefault, ...told}).toEqual(schedulerSettingsDefault)
})

test('the scheduler is told what was set, and watermarks never cross', () => {
  const kept = {jobPolicy: 1, speculation: 0, slotsPerJob: 3, diskFreeMin: 0.5, retryFirst: 90_000}
  expect(jobSettingsOf(settingsOf(kept, timingsDefault))).toMatchObject({
    policy: 'fifo',
    isSpeculative: false,
    slotsPerJobMax: 3,
    diskFreeMin: 0.5,
    diskFreeAgain: 0.5,
    backoffFirstMs: 90_000,
    backoffLastMs: 90_000,
  })
})

test('each is listed with its default, what it counts and what it is for', () => {
  const infos = settingInfos(settingsOf({speculation: 0}, timingsDefault))
  expect(infos.map(({name}) => name)).toEqual(names)
  expect(infos.find(({name}) => name === 'speculation')).toMatchObject({value: 'off', default: 'on', unit: 'on or off'})
  for (const info of infos) {
    expect(info.about.length).toBeGreaterThan(10)
    expect(info.unit).not.toBe('')
    expect(parseSetting(info.name as SettingName, info.default)).toBe(settings[info.name as SettingName].default)
  }
})

test('the table of docs/cluster.md has each with its default', () => {
  const page = readFileSync(new URL('../../../../docs/cluster.md', import.meta.url), 'utf8')
  const told = [...page.matchAll(/^\| (`\w+`(?:, `\w+`)*) \| ([^|]+) \|/gm)].flatMap(([, left, right]) => {
    const values = right!.split(',').map(value => value.trim())
    return [...left!.matchAll(/`(\w+)`/g)].map(([, name], index) => [name, values[index]])
  })
  const infos = settingInfos(settingsOf({}, timingsDefault))
  expect(told.sort()).toEqual(infos.map(({name, default: value}) => [name, String(value)]).sort())
})
