/**
 * Each test shows one feature whole, by the name it has where clients of Druid are compared. Here are
 * those that the Druids of test/real cannot show: they are older, or never answer so.
 */
import { connect, DruidError, isDruidError, sql } from '@druid/core'
import { fetchTransport } from '@druid/core/fetch'
import { describe, expect, it } from 'vitest'
import { arrayLines, canned } from './reply.ts'
import { serve } from './server.ts'

describe('30 SET statements / engine choice', () => {
  const ONE_ROW = arrayLines([['a', 'LONG', 'BIGINT']], '[1]')
  const druidOf = (version: string) =>
    serve(({ path }, response) =>
      response.end(path === '/status' ? JSON.stringify({ version }) : ONE_ROW),
    )

  it.each(['34.0.0', '37.0.0-SNAPSHOT', '2026.01.0-iap'])(
    'are sent to Druid %s, in every verb, its version asked for once',
    async (version) => {
      await using server = await druidOf(version)
      await using druid = connect(server.url)
      const settings = { engine: 'msq-dart', sqlTimeZone: "O'Hare", timeout: 60_000, debug: true }
      const statement = sql.set(settings, sql`SELECT ${1} AS a`)
      expect(await druid.one(statement)).toEqual({ a: 1 })
      expect([...(await druid.query(statement))]).toEqual([{ a: 1 }])
      for await (const row of druid.stream(statement)) expect(row).toEqual({ a: 1 })
      expect((await druid.columns(statement)).length).toBe(1)
      await new Response((await druid.raw(statement, { format: 'arrayLines' })).body).text()
      const bodies = server.by('POST').map(({ body }) => JSON.parse(body))
      expect(bodies).toHaveLength(5)
      for (const body of bodies) {
        expect(body).toMatchObject({
          query:
            "SET engine = 'msq-dart'; SET sqlTimeZone = 'O''Hare'; SET timeout = 60000; SET debug = true; SELECT ? AS a",
          parameters: [{ type: 'BIGINT', value: 1 }],
        })
      }
      expect(server.by('GET')).toHaveLength(1)
    },
  )

  it.each(['33.0.0', '27.0.0', '0.23.0'])('SET is not sent to Druid %s', async (version) => {
    await using server = await druidOf(version)
    await using druid = connect(server.url)
    await expect(druid.query(sql.set({ engine: 'native' }, 'SELECT 1'))).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringContaining(version),
    })
    expect(server.by('POST')).toEqual([])
  })

  it('an engine is chosen for a call, a derived client or a connection by the query context', async () => {
    await using server = await druidOf('34.0.0')
    await using druid = connect(server.url, { context: { engine: 'msq-dart' } })
    await druid.query('SELECT 1')
    await druid.with({ context: { engine: 'native' } }).query('SELECT 1')
    await druid.query('SELECT 1', { context: { engine: 'engine-of-tomorrow' } })
    const engines = server.by('POST').map(({ body }) => JSON.parse(body).context.engine)
    expect(engines).toEqual(['msq-dart', 'native', 'engine-of-tomorrow'])
  })
})

describe('100 HTML / empty / non-JSON bodies', () => {
  const HTML = '<!DOCTYPE html>\n<html><head><title>Sign in &mdash; proxy</title></head></html>'
  const BODIES: [what: string, body: string, says: string][] = [
    ['a page', HTML, 'Sign in'],
    ['a page without a title', '<html><body><h1>502 Bad Gateway</h1></body></html>', '502 Bad'],
    ['an empty body', '', ''],
    ['blank lines', ' \n\n', ''],
    ['text', 'No such dataSource', 'No such dataSource'],
    ['half of a JSON object', '{"error":"druidExcep', 'druidExcep'],
    ['a JSON text', '"not now"', 'not now'],
    ['a JSON null', 'null', ''],
    ['control characters', 'a\u001b[31mred\u0007', 'red'],
    ['very much text', 'x'.repeat(100_000), 'xxx'],
  ]
  const verbs = (druid: ReturnType<typeof connect>): Record<string, () => Promise<unknown>> => ({
    query: () => druid.query('SELECT 1'),
    columns: () => druid.columns('SELECT 1'),
    one: () => druid.one('SELECT 1'),
    async stream() {
      for await (const _ of druid.stream('SELECT 1'));
    },
    native: () => druid.native({ queryType: 'timeBoundary', dataSource: 'x' }),
    raw: async () => new Response((await druid.raw('SELECT 1')).body).text(),
    request: () => druid.request('GET', '/status'),
    version: () => druid.version(),
  })

  it.each(BODIES)(
    '%s, of every status that is no success and in every verb',
    async (_, body, says) => {
      const codes: [status: number, code: string][] = [
        [400, 'INVALID_INPUT'],
        [401, 'UNAUTHENTICATED'],
        [403, 'FORBIDDEN'],
        [404, 'NOT_FOUND'],
        [429, 'CAPACITY'],
        [500, 'SERVER'],
        [502, 'SERVER'],
        [503, 'SERVER'],
        [504, 'SERVER_TIMEOUT'],
      ]
      for (const [status, code] of codes) {
        const transport = canned({ status, body })
        const druid = connect('http://druid:8888', { transport, retry: false })
        for (const [verb, run] of Object.entries(verbs(druid))) {
          const error: unknown = await run().catch((caught: unknown) => caught)
          expect(error, verb).toBeInstanceOf(DruidError)
          expect(error, verb).toMatchObject({ code, status })
          const { message } = error as DruidError
          expect(message, verb).toContain(`HTTP ${status}`)
          expect(message, verb).toContain(says)
          expect(message.length, verb).toBeLessThan(500)
          // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what must not be there
          expect(message, verb).not.toMatch(/[\u0000-\u0008\u000b-\u001f]/)
        }
      }
    },
  )

  it.each(BODIES)('%s, of a status that says success, is never a result', async (_, body) => {
    const druid = connect('http://druid:8888', { transport: canned({ body }) })
    for (const [verb, run] of Object.entries(verbs(druid))) {
      // Plain requests may have an empty body, and any JSON; what must be more says what is missing.
      if (verb === 'request' && (body === '' || body === '"not now"' || body === 'null')) {
        await run()
        continue
      }
      const error: unknown = await run().catch((caught: unknown) => caught)
      expect(isDruidError(error) && error.code, `${verb}: ${error}`).toMatch(/^(DECODE|TRUNCATED)$/)
    }
  })

  it.each([
    ['node', undefined],
    ['fetch', fetchTransport()],
  ])('a body that is not what its headers say, over %s', async (_, transport) => {
    await using server = await serve(({ path }, response) => {
      if (path === '/latin') {
        response.writeHead(500, { 'content-type': 'application/json' })
        response.end(Buffer.from([0xe4, 0xff, 0x00, 0x61]))
      } else if (path === '/none') {
        response.writeHead(503, { 'content-length': '0' }).end()
      } else {
        response.writeHead(502, { 'content-type': 'application/json', 'content-length': '500' })
        response.write(HTML)
        setTimeout(() => response.destroy(), 20)
      }
    })
    await using druid = connect(server.url, { transport })
    await expect(druid.request('GET', '/latin')).rejects.toMatchObject({
      code: 'SERVER',
      status: 500,
    })
    await expect(druid.request('GET', '/none')).rejects.toMatchObject({
      code: 'SERVER',
      status: 503,
    })
    const cut: unknown = await druid.request('GET', '/cut').catch((caught: unknown) => caught)
    expect(isDruidError(cut)).toBe(true)
    expect((cut as DruidError).code).toMatch(/SERVER|TRUNCATED|CONNECT/)
  })
})
