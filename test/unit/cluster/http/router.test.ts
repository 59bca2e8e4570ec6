import {describe, expect, test} from 'vitest'
import {route} from '../../../../src/cluster/http/index.ts'
import {endpoints} from '../../../../src/protocol/index.ts'

describe('the router', () => {
  test.each(Object.entries(endpoints))('finds %s by its own path', (name, {method, path}) => {
    const found = route(method, path.replace(/:\w+/g, 'x'))
    expect(found).toMatchObject({name})
  })

  test.each(Object.entries(endpoints))('has one endpoint for the path and method of %s', (_, {method, path}) => {
    const same = Object.values(endpoints).filter(other => other.method === method && other.path === path)
    expect(same).toHaveLength(1)
  })

  test('decodes a parameter once, inside its segment', () => {
    expect(route('GET', '/api/v1/tags/a%2Fb%253A')).toMatchObject({name: 'readTag', parameters: {tag: 'a/b%3A'}})
  })

  test.each(['/api/v1/tags/%', '/api/v1/tags/%ff', '/api/v1/tags/%c3%28'])('%s is not an encoded path', path => {
    expect(route('GET', path)).toMatchObject({status: 400})
  })

  test.each([
    '',
    '//',
    '/api/v1',
    '/api/v1/tags/',
    '/api/v1/tags/a/b',
    '/api/v1/tags//entries',
    '/API/v1/tags',
    '/blobs',
  ])('there is nothing at "%s"', path => {
    expect(route('GET', path)).toMatchObject({status: 404})
  })

  test('another method than those there are is told them', () => {
    expect(route('DELETE', '/api/v1/tags/a')).toEqual({
      status: 405,
      message: '/api/v1/tags/a takes GET, POST, not DELETE',
    })
  })
})
