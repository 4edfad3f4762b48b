import {
  connect,
  isDruidError,
  type RowSchema,
  type Transport,
  type ValuesPolicy,
} from '@druid/core'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { arrayLines, type ColumnHead, canned } from './reply.ts'
import { serve } from './server.ts'

const COLUMNS: readonly ColumnHead[] = [
  ['__time', 'LONG', 'TIMESTAMP'],
  ['page', 'STRING', 'VARCHAR'],
  ['added', 'LONG', 'BIGINT'],
  ['ratio', 'DOUBLE', 'DOUBLE'],
  ['bot', 'LONG', 'BOOLEAN'],
  ['tags', 'ARRAY<STRING>', 'ARRAY'],
  ['more', 'COMPLEX<json>', 'OTHER'],
]
const ROWS = [
  '["2000-01-01T00:00:00.000Z","a",1,0.5,true,"[\\"x\\"]","{\\"a\\":1}"]',
  '["2000-01-02T00:00:00.000Z",null,2,1.5,false,"[]",null]',
]

function druid(values: ValuesPolicy = {}, rows: readonly string[] = ROWS, sent: string[] = []) {
  const reply = canned({ body: arrayLines(COLUMNS, ...rows) })
  const transport: Transport = {
    ...reply,
    request(request) {
      sent.push(request.method)
      return reply.request(request)
    },
  }
  return connect('http://druid:8888', { transport, values })
}

const edit = z.object({
  __time: z.iso.datetime(),
  page: z.string().nullable(),
  added: z.number().int(),
  ratio: z.number(),
  bot: z.boolean(),
  tags: z.array(z.string()),
})

describe('a schema', () => {
  it('that fits the columns changes nothing', async () => {
    const rows = await druid().query('SELECT 1', { schema: edit })
    expect(rows.map(({ added }) => added)).toEqual([1, 2])
    expect(await druid({}, []).query('SELECT 1', { schema: edit })).toHaveLength(0)
    const columns = await druid().columns('SELECT 1', { schema: edit })
    expect(columns.data.added.values).toEqual(Float64Array.of(1, 2))
  })

  it.each([
    ['a column that is not there', edit.extend({ user: z.string() }), 'there is no column "user"'],
    ['another type', edit.extend({ page: z.number() }), 'column "page" is VARCHAR'],
    ['a number for a time', edit.extend({ __time: z.number() }), 'column "__time" is TIMESTAMP'],
    [
      'arrays of another type',
      edit.extend({ tags: z.array(z.number()) }),
      'column "tags" is ARRAY',
    ],
    ['a date for JSON', edit.extend({ more: z.date() }), 'column "more" is OTHER'],
    ['text for an integer', edit.extend({ added: z.string() }), 'column "added" is BIGINT'],
    ['text for a boolean', edit.extend({ bot: z.string() }), 'column "bot" is BOOLEAN'],
    ['text for a list', edit.extend({ tags: z.string() }), 'column "tags" is ARRAY'],
    ['valibot: another type', v.object({ page: v.number() }), 'column "page" is VARCHAR'],
    ['valibot: no column', v.object({ user: v.string() }), 'there is no column "user"'],
  ])(
    'that wants %s is SCHEMA before the first row, also of an empty result',
    async (_, schema, why) => {
      for (const rows of [ROWS, []]) {
        const error: unknown = await druid({}, rows)
          .query('SELECT 1', { schema })
          .catch((caught: unknown) => caught)
        expect(isDruidError(error, 'SCHEMA') && error.message).toContain(why)
        expect(isDruidError(error, 'SCHEMA') && error.issues).toHaveLength(1)
      }
      await expect(druid().columns('SELECT 1', { schema })).rejects.toMatchObject({
        code: 'SCHEMA',
      })
    },
  )

  it('ends the query on the server', async () => {
    const sent: string[] = []
    const client = druid({}, ROWS, sent)
    const schema = z.object({ user: z.string() })
    await expect(client.query('SELECT 1', { schema })).rejects.toMatchObject({ code: 'SCHEMA' })
    await client.close()
    expect(sent).toEqual(['POST', 'DELETE'])
  })

  it('is not refused for what only rows can tell', async () => {
    const strict = edit.extend({
      page: z.enum(['x', 'y']),
      added: z.number().min(1_000_000_000_000_000),
      ratio: z.literal(17.25),
    })
    await druid().query('SELECT 1', { schema: strict })
    await expect(
      druid().query('SELECT 1', { schema: strict, validate: 'rows' }),
    ).rejects.toMatchObject({ code: 'SCHEMA', message: expect.stringContaining('row 1') })
  })

  it('follows the policy for values', async () => {
    const typed = z.object({ __time: z.date(), added: z.bigint() })
    await druid({ timestamp: 'date', bigint: 'bigint' }).query('SELECT 1', { schema: typed })
    await expect(druid().query('SELECT 1', { schema: typed })).rejects.toMatchObject({
      code: 'SCHEMA',
      issues: [{ path: ['__time'] }, { path: ['added'] }],
    })
  })
})

describe("validate: 'rows'", () => {
  const upper = z.object({
    page: z.string().transform((page) => page.toUpperCase()),
    added: z.number(),
  })

  it('makes of each row what the schema does, in every verb', async () => {
    const options = { schema: upper, validate: 'rows' } as const
    const first = ROWS.slice(0, 1)
    expect([...(await druid({}, first).query('SELECT 1', options))]).toEqual([
      { page: 'A', added: 1 },
    ])
    expect(await druid({}, first).one('SELECT 1', options)).toEqual({ page: 'A', added: 1 })
    for await (const row of druid({}, first).stream('SELECT 1', options)) {
      expect(row).toEqual({ page: 'A', added: 1 })
    }
  })

  it('hands out the rows before the one that does not fit', async () => {
    const seen: string[] = []
    const read = async (): Promise<void> => {
      const rows = druid().stream('SELECT 1', { schema: upper, validate: 'rows' })
      for await (const row of rows) seen.push(row.page)
    }
    await expect(read()).rejects.toMatchObject({
      code: 'SCHEMA',
      message: expect.stringMatching(/row 2 does not fit the schema: page/),
    })
    expect(seen).toEqual(['A'])
  })

  it('waits for a schema that answers later', async () => {
    const later: RowSchema<{ page: string }, { later: string }> = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: async (row) => ({ value: { later: String((row as { page: unknown }).page) } }),
      },
    }
    const rows = await druid().query('SELECT 1', { schema: later, validate: 'rows' })
    expect([...rows]).toEqual([{ later: 'a' }, { later: 'null' }])
  })

  it('is refused for columns of a stream, and without a schema', async () => {
    const wrong = { code: 'CONFIG', option: 'validate' }
    const stream = druid().stream('SELECT 1', { schema: edit, validate: 'rows' })
    expect(() => stream.columns()).toThrow(expect.objectContaining(wrong))
    const query = druid().query('SELECT 1', { validate: 'rows' } as never)
    await expect(query).rejects.toMatchObject(wrong)
  })

  it('is refused for columns', async () => {
    await expect(
      druid().columns('SELECT 1', { schema: upper, validate: 'rows' }),
    ).rejects.toMatchObject({ code: 'CONFIG' })
  })
})

it.each<[string, () => unknown, string]>([
  ['rejects', () => Promise.reject(new Error('out of order')), 'out of order'],
  ['answers with nothing', () => undefined, 'it answered with neither'],
  ['answers with nothing later', async () => undefined, 'it answered with neither'],
  ['answers with an empty object', () => ({}), 'it answered with neither'],
  ['answers with issues that are no list', () => ({ issues: 5 }), 'it answered with neither'],
  ['answers with an issue of nothing', () => ({ issues: [null] }), 'it answered with neither'],
  ['answers with an issue that says nothing', () => ({ issues: [{}] }), 'it answered with neither'],
  [
    'answers with a path of nothing',
    () => ({ issues: [{ message: 'wrong', path: [null] }] }),
    'it answered with neither',
  ],
])('a schema that %s is SCHEMA, of columns and of rows', async (_, answer, why) => {
  const failing = { code: 'SCHEMA', issues: [], message: expect.stringContaining(why) }
  const standard = (validate: (row: unknown) => unknown): RowSchema =>
    ({ '~standard': { version: 1, vendor: 'test', validate } }) as never
  const schema = standard(answer)
  await expect(druid().query('SELECT 1', { schema })).rejects.toMatchObject(failing)
  await expect(druid().columns('SELECT 1', { schema })).rejects.toMatchObject(failing)
  let calls = 0
  const later = standard((value) => {
    calls += 1
    return calls === 1 ? { value } : answer()
  })
  const rows = druid().query('SELECT 1', { schema: later, validate: 'rows' })
  await expect(rows).rejects.toMatchObject(failing)
})

it('a schema may answer with a list that has issues, and by a thenable', async () => {
  const issues = Object.assign([], { issues: [{ message: 'wrong', path: [{ key: 'user' }] }] })
  const validate = (): unknown => ({ then: (done: (it: unknown) => void) => done(issues) })
  const schema: RowSchema = { '~standard': { version: 1, vendor: 'test', validate } } as never
  await expect(druid().query('SELECT 1', { schema })).rejects.toMatchObject({
    code: 'SCHEMA',
    message: expect.stringContaining('there is no column "user"'),
  })
})

it('a schema that throws is SCHEMA, and what is none is CONFIG', async () => {
  const throwing: RowSchema = {
    '~standard': {
      version: 1,
      vendor: 'test',
      validate() {
        throw new Error('out of order')
      },
    },
  }
  await expect(druid().query('SELECT 1', { schema: throwing })).rejects.toMatchObject({
    code: 'SCHEMA',
    message: expect.stringContaining('out of order'),
  })
  await expect(druid().query('SELECT 1', { schema: {} as never })).rejects.toMatchObject({
    code: 'CONFIG',
    option: 'schema',
  })
})

describe('a schema that never answers', () => {
  const never: RowSchema = {
    '~standard': { version: 1, vendor: 'test', validate: () => new Promise(() => {}) },
  }

  it.each(['header', 'rows'] as const)(
    'is left by a timeout, a signal and close(): %s',
    async (validate) => {
      const options = { schema: never as RowSchema<object>, validate }
      const client = druid()
      const late = client.query('SELECT 1', { ...options, timeout: 30 })
      await expect(late).rejects.toMatchObject({ code: 'TIMEOUT', phase: 'total' })
      const aborted = client.query('SELECT 1', { ...options, signal: AbortSignal.timeout(30) })
      await expect(aborted).rejects.toMatchObject({ code: 'TIMEOUT' })
      const open = client.query('SELECT 1', options)
      const closed = expect(open).rejects.toMatchObject({ code: 'CLOSED' })
      await new Promise((resolve) => setTimeout(resolve, 20))
      await client.close()
      await closed
    },
  )
})

it('a stream with a schema is left at once, however late the first batch', async () => {
  await using server = await serve(({ method }, response) => {
    if (method === 'DELETE') response.writeHead(202).end()
  })
  await using client = connect(server.url)
  const rows = client.stream('SELECT 1', { schema: edit })[Symbol.asyncIterator]()
  const next = rows.next().catch(({ code }) => code)
  await rows.return?.()
  expect(await next).not.toMatchObject({ done: false })
  await expect.poll(() => server.by('DELETE').length).toBe(server.by('POST').length)
})
