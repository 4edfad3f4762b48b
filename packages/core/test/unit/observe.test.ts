import { channel, subscribe, unsubscribe } from 'node:diagnostics_channel'
import { connect, type Events, type Hooks, isDruidError } from '@druid/core'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { inNode } from './node.ts'
import { arrayLines, beginResult, canned, headerRows } from './reply.ts'
import { deadUrl, serve, type TestServer } from './server.ts'

const ONE = arrayLines([['n', 'LONG', 'BIGINT']], '[1]')
const KINDS = ['request', 'response', 'retry', 'error', 'end'] as const

function answering(...statuses: readonly number[]): Promise<TestServer> {
  const left = [...statuses]
  return serve((request, response) => {
    const status = left.shift() ?? 200
    const body = request.path.startsWith('/druid/v2/sql') ? ONE : '{"a":1}'
    response.writeHead(status).end(status === 200 ? body : '{}')
  })
}

type Told = { [K in keyof Events]: [kind: K, event: Events[K]] }[keyof Events]

function keeping(): { hooks: Hooks; told: Told[]; kinds(): string[] } {
  const told: Told[] = []
  const hooks = Object.fromEntries(
    KINDS.map((kind) => [kind, (event: never) => told.push([kind, event])]),
  )
  return { hooks, told, kinds: () => told.map(([kind]) => kind) }
}

describe('hooks', () => {
  it('are told of a query, from its request to its end', async () => {
    await using server = await answering()
    const { hooks, told } = keeping()
    await using druid = connect(server.url, { hooks })
    await druid.query('SELECT 1', { queryId: 'mine' })
    const time = expect.any(Number)
    const about = { call: time, operation: 'query', queryId: 'mine' }
    expect(told).toEqual([
      ['request', { ...about, attempt: 1, method: 'POST', url: `${server.url}/druid/v2/sql` }],
      ['response', { ...about, attempt: 1, status: 200, duration: time }],
      [
        'end',
        {
          ...about,
          outcome: 'done',
          duration: time,
          rows: 1,
          bytes: ONE.length,
          timeToFirstByte: time,
          decodeTime: time,
        },
      ],
    ])
  })

  it('are told of each attempt, and of what is awaited between them', async () => {
    await using server = await answering(503, 429)
    const { hooks, told, kinds } = keeping()
    await using druid = connect(server.url, { hooks })
    await druid.query('SELECT 1')
    const attempt = ['request', 'response', 'retry']
    expect(kinds()).toEqual([...attempt, ...attempt, 'request', 'response', 'end'])
    const retries = told.filter(([kind]) => kind === 'retry').map(([, event]) => event)
    expect(retries).toMatchObject([
      { attempt: 1, status: 503, pause: expect.any(Number) },
      { attempt: 2, status: 429, pause: expect.any(Number) },
    ])
    expect(new Set(told.map(([, { call }]) => call)).size).toBe(1)
  })

  it('are told what an error is, and not what Druid said', async () => {
    await using server = await answering(500)
    const { hooks, told, kinds } = keeping()
    await using druid = connect(server.url, { hooks, retry: false })
    await expect(druid.query('SELECT 1')).rejects.toThrow()
    expect(kinds()).toEqual(['request', 'response', 'error', 'end'])
    expect(told[2]?.[1]).toMatchObject({ error: { code: 'SERVER', status: 500, retryable: false } })
    expect(told[2]?.[1]).not.toHaveProperty('error.message')
    expect(told[3]?.[1]).toMatchObject({ outcome: 'failed' })
  })

  it('are told why no server was reached', async () => {
    const { hooks, told, kinds } = keeping()
    await using druid = connect(await deadUrl(), { hooks, retry: { attempts: 2 } })
    await expect(druid.request('GET', '/status')).rejects.toThrow()
    expect(kinds()).toEqual(['request', 'retry', 'request', 'error', 'end'])
    const error = {
      code: 'CONNECT',
      reason: 'refused',
      message: expect.stringContaining('Druid up'),
    }
    expect(told[1]?.[1]).toMatchObject({ attempt: 1, error })
    expect(told[3]?.[1]).toMatchObject({ operation: 'request', error })
  })

  it('are told of a 401 and of the request after it', async () => {
    await using server = await answering(401)
    const { hooks, kinds } = keeping()
    await using druid = connect(server.url, { hooks, auth: { token: () => 'a-token' } })
    await druid.query('SELECT 1')
    expect(kinds()).toEqual(['request', 'response', 'request', 'response', 'end'])
  })

  it('are told that a stream was left, and what the server said to the DELETE', async () => {
    await using server = await serve((request, response) => {
      if (request.method === 'DELETE') return response.writeHead(202).end()
      beginResult(response)
      return response.write(`${headerRows([['n', 'LONG', 'BIGINT']])}[1]\n`)
    })
    const { hooks, told } = keeping()
    await using druid = connect(server.url, { hooks })
    for await (const _ of druid.stream('SELECT 1', { queryId: 'left' })) break
    await vi.waitFor(() => expect(told.filter(([kind]) => kind === 'end')).toHaveLength(2))
    const ends = told.filter(([kind]) => kind === 'end').map(([, event]) => event)
    expect(ends).toMatchObject([
      { operation: 'query', queryId: 'left', outcome: 'left', rows: 1 },
      { operation: 'cancel', queryId: 'left', outcome: 'done', cancel: 'accepted' },
    ])
  })

  it('are told once that a call is over, however it ends', async () => {
    await using server = await answering()
    const { hooks, told } = keeping()
    await using druid = connect(server.url, { hooks })
    await Promise.allSettled([
      druid.query('SELECT 1'),
      druid.columns('SELECT 1'),
      druid.one('SELECT 1'),
      druid.query('SELECT 1', { signal: AbortSignal.abort() }),
      druid.request('GET', '/x'),
      druid.request('GET', '/x', undefined, { expect: 'text' }),
      druid.request('POST', '/x', () => {}),
      druid.request('GET', 'http://elsewhere/'),
      druid.request('GET', '/druid/v2/sql', undefined, { expect: 'rows' }),
      druid.cancel('other'),
      druid.raw('SELECT 1', { format: 'arrayLines' }).then(({ body }) => new Response(body).text()),
    ])
    const ended = told.filter(([kind]) => kind === 'end').map(([, { call }]) => call)
    expect(ended).toHaveLength(11)
    expect(new Set(ended).size).toBe(11)
  })

  it('get data that nobody can change', async () => {
    await using server = await answering(503)
    const { hooks, told } = keeping()
    await using druid = connect(server.url, { hooks })
    await druid.query('SELECT 1')
    for (const [, event] of told) {
      expect(Object.isFrozen(event)).toBe(true)
      for (const value of Object.values(event)) expect(Object.isFrozen(value)).toBe(true)
    }
  })

  it('are told no query of a URL', async () => {
    await using server = await answering()
    const { hooks, told } = keeping()
    await using druid = connect(server.url, { hooks })
    await druid.request('GET', '/x?token=s3cr3t')
    expect(told[0]?.[1]).toMatchObject({ url: `${server.url}/x` })
    expect(JSON.stringify(told)).not.toContain('s3cr3t')
  })

  it('show the text of a query where it is asked for', async () => {
    await using server = await answering()
    const { hooks, told } = keeping()
    await using druid = connect(server.url, { hooks, observeText: true })
    await druid.query('SELECT 1')
    expect(told[0]?.[1]).toMatchObject({ text: 'SELECT 1' })
  })
})

describe('hooks that fail', () => {
  const warned = vi.spyOn(process, 'emitWarning')
  beforeEach(() => {
    warned.mockReset().mockImplementation(() => {})
  })
  afterEach(() => {
    warned.mockReset()
  })

  it.each([
    [
      'throw',
      () => {
        throw new Error('it threw')
      },
    ],
    ['reject', () => Promise.reject(new Error('it rejected'))],
  ])('are warned of once and change nothing: they %s', async (what, fail) => {
    await using server = await answering()
    await using druid = connect(server.url, { hooks: { request: fail, end: fail } })
    for (let i = 0; i < 3; i += 1) expect(await druid.query('SELECT 1')).toEqual([{ n: 1 }])
    await vi.waitFor(() => expect(warned).toHaveBeenCalledTimes(2))
    const how = what === 'throw' ? 'it threw' : 'it rejected'
    expect(warned.mock.calls).toEqual([
      [`connect: hooks.request failed: ${how}`, 'DruidObservingWarning'],
      [`connect: hooks.end failed: ${how}`, 'DruidObservingWarning'],
    ])
  })

  it('so does a log', async () => {
    await using server = await answering()
    const log = {
      info() {
        throw new Error('the disk is full')
      },
    }
    await using druid = connect(server.url, { log })
    expect(await druid.query('SELECT 1')).toEqual([{ n: 1 }])
    expect(warned.mock.calls).toEqual([
      ['connect: log at end failed: the disk is full', 'DruidObservingWarning'],
    ])
  })
})

describe('log', () => {
  it('gets a line and the event, by levels', async () => {
    await using server = await answering(503)
    const lines: [level: string, line: string, data: object][] = []
    const to = (level: string) => (line: string, data: object) => lines.push([level, line, data])
    const log = { debug: to('debug'), info: to('info'), warn: to('warn'), error: to('error') }
    await using druid = connect(server.url, { log })
    await druid.query('SELECT 1', { queryId: 'mine' })
    const { signal } = new AbortController()
    await expect(
      druid.query('SELECT 1', { queryId: 'other', signal: AbortSignal.abort() }),
    ).rejects.toThrow()
    await expect(
      druid.request('GET', '/x', undefined, { expect: 'rows', signal }),
    ).rejects.toThrow()
    const shown = lines.map(([level, line]) =>
      `${level} ${line}`.replaceAll(/\d+ ms|(?<=request )\d+/g, (text) => text.replace(/\d+/, 'n')),
    )
    const url = `${server.url}/druid/v2/sql`
    expect(shown).toEqual([
      `debug query mine: POST ${url}`,
      'debug query mine: HTTP 503 after n ms',
      'warn query mine: attempt 1 failed (HTTP 503); the next follows in n ms',
      `debug query mine: POST ${url}, attempt 2`,
      'debug query mine: HTTP 200 after n ms',
      `info query mine: 1 rows, ${ONE.length} bytes, done after n ms`,
      'info query other: given up after n ms (CANCELLED)',
      `debug request n: GET ${server.url}/x`,
      'debug request n: HTTP 200 after n ms',
      expect.stringMatching(/^error request n: failed after n ms \([A-Z]+\)$/),
    ])
    expect(lines[0]?.[2]).toMatchObject({ queryId: 'mine', method: 'POST' })
  })

  it('may be console, or have one level only', async () => {
    await using server = await answering()
    const debug = vi.spyOn(console, 'debug').mockImplementation(() => {})
    const info = vi.spyOn(console, 'info').mockImplementation(() => {})
    try {
      await using druid = connect(server.url, { log: console })
      await druid.query('SELECT 1')
      expect(debug).toHaveBeenCalledTimes(2)
      expect(info).toHaveBeenCalledTimes(1)
    } finally {
      vi.restoreAllMocks()
    }
    await using quiet = connect(server.url, { log: { error() {} } })
    expect(await quiet.query('SELECT 1')).toEqual([{ n: 1 }])
  })

  it('calls the methods on their logger', async () => {
    await using server = await answering()
    class Logger {
      readonly lines: string[] = []
      info(line: string): void {
        this.lines.push(line)
      }
    }
    const log = new Logger()
    await using druid = connect(server.url, { log })
    await druid.query('SELECT 1')
    expect(log.lines).toHaveLength(1)
  })
})

describe('channels of node:diagnostics_channel', () => {
  it('publish the same events, also to who subscribes later', async () => {
    await using server = await answering()
    await using druid = connect(server.url)
    const seen: [name: string | symbol, message: unknown][] = []
    const keep = (message: unknown, name: string | symbol): number => seen.push([name, message])
    await druid.query('SELECT 1')
    for (const kind of KINDS) subscribe(`druid:${kind}`, keep)
    try {
      await druid.query('SELECT 1', { queryId: 'seen' })
    } finally {
      for (const kind of KINDS) unsubscribe(`druid:${kind}`, keep)
    }
    await druid.query('SELECT 1')
    expect(seen.map(([name]) => name)).toEqual(['druid:request', 'druid:response', 'druid:end'])
    expect(seen.map(([, message]) => message)).toMatchObject([
      { queryId: 'seen' },
      { queryId: 'seen', status: 200 },
      { queryId: 'seen', rows: 1 },
    ])
    expect(channel('druid:end').hasSubscribers).toBe(false)
  })

  it('tell the calls of several connections apart', async () => {
    await using server = await answering()
    await using one = connect(server.url)
    await using other = connect(server.url)
    const calls: unknown[] = []
    const keep = (message: unknown): number => calls.push((message as { call: number }).call)
    subscribe('druid:end', keep)
    try {
      await Promise.all([one.query('SELECT 1'), other.query('SELECT 1')])
    } finally {
      unsubscribe('druid:end', keep)
    }
    expect(new Set(calls).size).toBe(2)
  })

  it('are not needed: a platform without them is as good', async () => {
    const program = `
      process.getBuiltinModule = undefined
      const { connect } = await import('@druid/core')
      const told = []
      const hooks = { end: ({ outcome }) => told.push(outcome) }
      const transport = {
        name: 'own',
        request: async () => ({ status: 200, headers: new Headers(), body: Object.assign(
          (async function* () { yield new TextEncoder().encode('{}') })(),
          { discard() {}, trailers() {} },
        ) }),
        close: async () => {},
      }
      await connect('http://druid:8888', { transport, hooks }).request('GET', '/status')
      await connect('http://druid:8888', { transport }).request('GET', '/status')
      console.log(JSON.stringify(told))`
    expect(await inNode(program)).toEqual(['done'])
  })
})

describe('nothing', () => {
  it('is made for a call where nobody listens', async () => {
    const druid = connect('http://druid:8888', { transport: canned({ body: ONE }) })
    const freeze = vi.spyOn(Object, 'freeze')
    const frozen = (): object[] =>
      freeze.mock.calls.map(([it]) => it as object).filter((it) => Object(it).operation)
    try {
      await druid.query('SELECT 1')
      expect(frozen()).toEqual([])
      const observed = connect('http://druid:8888', {
        transport: canned({ body: ONE }),
        hooks: { end() {} },
      })
      await observed.query('SELECT 1')
      expect(frozen()).not.toEqual([])
    } finally {
      freeze.mockRestore()
    }
  })
})

describe('wrong options', () => {
  it.each<[option: string, given: object]>([
    ['hooks', { hooks: { end: 1 } }],
    ['ended', { hooks: { ended() {} } }],
    ['hooks', { hooks: null }],
    ['log', { log: {} }],
    ['log', { log: { info: 'yes' } }],
    ['log', { log: null }],
    ['tracer', { tracer: null }],
    ['observeText', { observeText: 'yes' }],
  ])('%s is refused: %j', (option, given) => {
    try {
      connect('http://druid:8888', given)
      expect.unreachable()
    } catch (error) {
      expect(isDruidError(error, 'CONFIG') && error.option).toBe(option)
    }
  })
})
