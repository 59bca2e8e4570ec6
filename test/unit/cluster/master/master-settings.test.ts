import {expect, test} from 'vitest'
import {MasterSettings} from '../../../../src/cluster/master/master-settings.ts'
import {type MasterMesh, timingsDefault} from '../../../../src/mesh/index.ts'

/** @param roomCount - times that there is room */
function open({isPrivate = true, roomCount = Infinity} = {}) {
  let left = roomCount
  const view = {settings: {} as Record<string, string | number>, timings: {...timingsDefault}}
  const mesh = {
    view,
    configure: (change: {settings?: typeof view.settings; timings?: Partial<typeof view.timings>}) => {
      if (change.settings !== undefined) view.settings = change.settings
      Object.assign(view.timings, change.timings)
    },
  }
  const settings = new MasterSettings({
    mesh: () => mesh as unknown as MasterMesh,
    isPrivate,
    checkRoom: () => {
      if (left-- <= 0) throw new Error('no room')
    },
  })
  return {settings, view}
}

test('a setting is kept in the list of members, beside what the master keeps there', () => {
  const {settings, view} = open()
  settings.change({floor: 2})
  settings.set('replicas', '2')
  expect(view.settings).toEqual({floor: 2, replicas: 2})
  expect(settings.numbers().replicas).toBe(2)
  expect(settings.texts()['replicas']).toBe('2')
})

test('timings of the mesh are set where the mesh keeps them', () => {
  const {settings, view} = open()
  settings.set('heartbeat', '2s')
  expect(view).toMatchObject({settings: {}, timings: {heartbeatMs: 2000}})
  expect(settings.texts()['heartbeat']).toBe('2s')
})

test('what is wrong, and what cannot be kept, changes nothing', () => {
  const {settings, view} = open({roomCount: 0})
  expect(() => settings.set('replica', 2)).toThrow(expect.objectContaining({code: 'BAD_SETTING'}))
  expect(() => settings.set('replicas', 'two')).toThrow(expect.objectContaining({code: 'BAD_SETTING'}))
  expect(() => settings.set('replicas', 2)).toThrow('no room')
  expect(view.settings).toEqual({})
})

test('nobody is told that a setting is kept when the disk filled up meanwhile', () => {
  const {settings} = open({roomCount: 1})
  expect(() => settings.set('replicas', 2)).toThrow('no room')
  expect(settings.numbers().replicas).toBe(2)
})

test.each([
  ['off', true, false],
  ['on', false, true],
  ['loopback', true, true],
  ['loopback', false, false],
])('jobs with code where allowCode is %s and the master is private: %s', (policy, isPrivate, isAllowed) => {
  const {settings} = open({isPrivate})
  settings.set('allowCode', policy)
  expect(settings.allowsCode).toBe(isAllowed)
  const check = (): void => settings.checkCode(['run-code'])
  if (isAllowed) check()
  else expect(check).toThrow(expect.objectContaining({code: 'FORBIDDEN'}))
  expect(() => settings.checkCode(['run-rules'])).toThrow(expect.objectContaining({code: 'FORBIDDEN'}))
})
