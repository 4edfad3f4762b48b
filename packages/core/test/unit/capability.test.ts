import { type Capability, connect } from '@druid/core'
import { describe, expect, it } from 'vitest'
import { serve, type TestServer } from './server.ts'

/** A server of that version, and what answers on its paths: a body, or a status. */
const server = (
  version: string,
  paths: Readonly<Record<string, string | number>> = {},
): Promise<TestServer> =>
  serve((request, response) => {
    if (request.path === '/status') return response.end(JSON.stringify({ version }))
    const answer = paths[request.path] ?? 404
    if (typeof answer === 'string') return response.end(answer)
    return response.writeHead(answer).end()
  })

describe('supports', () => {
  it.each([
    ['33.0.0', 'setStatements', false],
    ['34.0.0', 'setStatements', true],
    ['37.1.0-SNAPSHOT', 'setStatements', true],
    ['30.0.1', 'nativeTruncation', false],
    ['31.0.0', 'nativeTruncation', true],
    ['2024.12-iap', 'nativeTruncation', true],
    ['33.0.0', '>=31 <35', true],
    ['35.0.0', '>=31 <35', false],
    ['33.0.1', '=33', true],
  ] as const)('of %s: %s is %s', async (version, wanted, expected) => {
    await using druidServer = await server(version)
    await using druid = connect(druidServer.url)
    expect(await druid.supports(wanted)).toBe(expected)
  })

  it.each([
    ['sqlTask', '/druid/v2/sql/task/enabled', '{"enabled":true}', true],
    ['sqlTask', '/druid/v2/sql/task/enabled', 404, false],
    ['sqlStatements', '/druid/v2/sql/statements/enabled', '{"enabled":true}', true],
    ['sqlStatements', '/druid/v2/sql/statements/enabled', 405, false],
    ['managementProxy', '/proxy/enabled', '{"enabled":true}', true],
    ['managementProxy', '/proxy/enabled', '{"enabled":false}', false],
    ['sqlEngines', '/druid/v2/sql/engines', '{"engines":[{"name":"native"}]}', false],
    [
      'sqlEngines',
      '/druid/v2/sql/engines',
      '{"engines":[{"name":"native"},{"name":"msq-dart"}]}',
      true,
    ],
  ] as const)('%s, where %s answers %s, is %s', async (wanted, path, answer, expected) => {
    await using druidServer = await server('33.0.0', { [path]: answer })
    await using druid = connect(druidServer.url)
    expect(await druid.supports(wanted)).toBe(expected)
    expect(druidServer.arrived.map((one) => one.path)).toEqual([path])
  })

  it('managementProxy, where Druid 27 takes /proxy/enabled for something to pass on, is true', async () => {
    await using druidServer = await serve((_, response) => {
      response.writeHead(400, { 'content-type': 'application/json' })
      response.end('{"error":"Unsupported proxy destination[/proxy/enabled]"}')
    })
    await using druid = connect(druidServer.url)
    expect(await druid.supports('managementProxy')).toBe(true)
  })

  it('asks once per connection, also for calls at the same time and derived clients', async () => {
    await using druidServer = await server('33.0.0', { '/proxy/enabled': '{"enabled":true}' })
    await using druid = connect(druidServer.url)
    const derived = druid.with({ context: { priority: 1 } })
    await Promise.all([druid.supports('managementProxy'), derived.supports('managementProxy')])
    expect(await druid.supports('managementProxy')).toBe(true)
    expect(druidServer.arrived).toHaveLength(1)
  })

  it('asks again after a failure, which is no answer', async () => {
    const answers: [number, string][] = [
      [403, '{"Access-Check-Result":"no"}'],
      [200, '{"enabled":true}'],
    ]
    await using druidServer = await serve((_, response) => {
      const [status, body] = answers.shift() ?? [200, '']
      response.writeHead(status).end(body)
    })
    await using druid = connect(druidServer.url)
    await expect(druid.supports('sqlTask')).rejects.toMatchObject({ code: 'FORBIDDEN' })
    expect(await druid.supports('sqlTask')).toBe(true)
  })

  it.each(['sqltask', '34', '/status', '', '>= x', 'toString'])(
    'of "%s" is refused',
    async (name) => {
      await using druid = connect('http://druid:8888')
      await expect(druid.supports(name as Capability)).rejects.toMatchObject({
        code: 'CONFIG',
        option: 'capability',
      })
    },
  )

  it('says so where a version has no numbers', async () => {
    await using druidServer = await server('local build')
    await using druid = connect(druidServer.url)
    await expect(druid.supports('>=31')).rejects.toMatchObject({ code: 'UNSUPPORTED' })
  })
})
