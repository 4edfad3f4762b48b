import type { ServerResponse } from 'node:http'
import { connect, type DruidClient, isDruidError } from '@druid/core'
import { fetchTransport } from '@druid/core/fetch'
import { describe, expect, it } from 'vitest'
import { arrayLines, beginResult, type ColumnHead, headerRows } from './reply.ts'
import { deadUrl, serve, type TestServer } from './server.ts'

const COLUMNS: readonly ColumnHead[] = [
  ['page', 'STRING', 'VARCHAR'],
  ['added', 'LONG', 'BIGINT'],
]
const HEAD = headerRows(COLUMNS)
const ROWS = [
  { page: 'a', added: 1 },
  { page: 'b', added: 2 },
]

/** What a reply that breaks off may have got to, and how many whole rows are in it. */
const BROKEN: [name: string, body: string, rows: number][] = [
  ['in the first header row', '["page","ad', 0],
  ['after the first header row', '["page","added"]\n', 0],
  ['after the second header row', '["page","added"]\n["STRING","LONG"]\n', 0],
  ['by a blank line after two header rows', '["page","added"]\n["STRING","LONG"]\n\n', 0],
  ['after the header rows', HEAD, 0],
  ['within a row', `${HEAD}["a",1]\n["b",`, 1],
  ['within a string that looks like the end', `${HEAD}["a",1]\n["b\\n\\n`, 1],
  ['before the line feed of a row', `${HEAD}["a",1]\n["b",2]`, 1],
  ['between two rows', `${HEAD}["a",1]\n`, 1],
  ['before the blank line', `${HEAD}["a",1]\n["b",2]\n`, 2],
]

const ENDINGS: Record<string, (response: ServerResponse, body: string) => void> = {
  'a proper end of the chunks'(response, body) {
    beginResult(response)
    response.end(body)
  },
  'a content-length that is right'(response, body) {
    beginResult(response, { 'content-length': String(Buffer.byteLength(body)) })
    response.end(body)
  },
  'a socket cut within the chunks'(response, body) {
    beginResult(response)
    response.write(body, () => setTimeout(() => response.socket?.destroy(), 5))
  },
  'a socket cut before the content-length'(response, body) {
    beginResult(response, { 'content-length': String(Buffer.byteLength(body) + 10) })
    response.write(body, () => setTimeout(() => response.socket?.destroy(), 5))
  },
}

/** Answers every query with this text, and every DELETE as Druid does for an ended query. */
function answering(send: (response: ServerResponse) => unknown): Promise<TestServer> {
  return serve((request, response) => {
    if (request.method === 'POST') return send(response)
    response.writeHead(404).end()
  })
}

async function streamed(druid: DruidClient): Promise<{ rows: unknown[]; error: unknown }> {
  const rows: unknown[] = []
  try {
    for await (const row of druid.stream('SELECT page, added FROM wikipedia')) rows.push(row)
  } catch (error) {
    return { rows, error }
  }
  return { rows, error: undefined }
}

describe.each([
  ['node', undefined],
  ['fetch', fetchTransport()],
])('a result over %s', (name, transport) => {
  it('is whole with its blank line', async () => {
    const text = arrayLines(COLUMNS, '["a",1]', '["b",2]')
    await using server = await answering((response) => {
      beginResult(response)
      response.end(text)
    })
    const druid = connect(server.url, { transport })
    const rows = await druid.query('SELECT page, added FROM wikipedia')
    expect([...rows]).toEqual(ROWS)
    expect(rows.columns.map((column) => column.sqlType)).toEqual(['VARCHAR', 'BIGINT'])
    expect(rows.stats).toMatchObject({ rows: 2, bytes: text.length })
    expect(await streamed(druid)).toEqual({ rows: ROWS, error: undefined })
  })

  it('has columns without rows', async () => {
    await using server = await answering((response) => {
      beginResult(response)
      response.end(arrayLines(COLUMNS))
    })
    const rows = await connect(server.url, { transport }).query('SELECT page, added FROM none')
    expect([...rows]).toEqual([])
    expect(rows.columns.map((column) => column.nativeType)).toEqual(['STRING', 'LONG'])
  })

  describe.each(Object.entries(ENDINGS))('that ends by %s', (_, end) => {
    it.each(BROKEN)('%s is TRUNCATED', async (_, body, whole) => {
      await using server = await answering((response) => end(response, body))
      const druid = connect(server.url, { transport })
      const error: unknown = await druid.query('SELECT page, added FROM wikipedia').then(
        (rows) => rows,
        (caught: unknown) => caught,
      )
      expect(isDruidError(error, 'TRUNCATED') && error).toMatchObject({
        rows: whole,
        queryId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        retryable: false,
      })
      const stream = await streamed(druid)
      expect(stream.rows).toEqual(ROWS.slice(0, whole))
      expect(stream.error).toMatchObject({ code: 'TRUNCATED', rows: whole })
    })
  })

  it('is TRUNCATED when the 200 is empty', async () => {
    await using server = await answering((response) => response.end())
    await expect(connect(server.url, { transport }).query('SELECT 1')).rejects.toMatchObject({
      code: 'TRUNCATED',
      rows: 0,
      message: expect.stringContaining('the reply is empty'),
    })
  })

  it('is TRUNCATED when only blank lines come', async () => {
    // What Druid sends for no rows without header rows, which were asked for.
    await using server = await answering((response) => response.end('\n\n'))
    await expect(connect(server.url, { transport }).query('SELECT 1')).rejects.toMatchObject({
      code: 'TRUNCATED',
    })
  })

  it.each([
    ['one line', '<html><head><title>Sign in</title></head><body>Hello</body></html>'],
    ['several lines', '<!DOCTYPE html>\n<html>\n<head><title>Sign in</title>\n</head></html>\n'],
  ])('is DECODE when it is an HTML page of %s', async (_, page) => {
    await using server = await answering((response) => response.end(page))
    await expect(connect(server.url, { transport }).query('SELECT 1')).rejects.toMatchObject({
      code: 'DECODE',
      message: expect.stringMatching(/HTML page: Sign in.*proxy/),
      snippet: expect.stringContaining('<'),
    })
  })

  it.each([
    ['', 'without a line feed'],
    ['\n', 'with a line feed'],
  ])('is DECODE when a JSON error comes with status 200 (%j)', async (after) => {
    await using server = await answering((response) => {
      beginResult(response)
      response.end(`{"error":"Unknown exception","errorMessage":"out of luck"}${after}`)
    })
    await expect(connect(server.url, { transport }).query('SELECT 1')).rejects.toMatchObject({
      code: 'DECODE',
      message: expect.stringContaining('out of luck'),
    })
  })

  it('is DECODE when a row is the error object of writeExceptionBodyAsResponseRow', async () => {
    const row = '{"error":"druidException","errorMessage":"the disk is full"}'
    await using server = await answering((response) => response.end(arrayLines(COLUMNS, row)))
    const druid = connect(server.url, { transport })
    await expect(druid.query('SELECT page FROM wikipedia')).rejects.toMatchObject({
      code: 'DECODE',
      line: 4,
      snippet: expect.stringContaining('the disk is full'),
    })
  })

  it.each<[string, string | Uint8Array, string]>([
    ['bytes that are no UTF-8', new Uint8Array([0x5b, 0x22, 0xff, 0x22, 0x5d, 0x0a]), 'UTF-8'],
    ['a row that is too short', '["a"]\n\n', '1 values for 2 columns'],
    ['a row that is too long', '["a",1,2]\n\n', '3 values for 2 columns'],
    ['a row that is no JSON', '["a",nope]\n\n', 'not JSON'],
    ['a row that is no array', '"a"\n\n', 'not an array'],
    ['another row after its end', '["a",1]\n\n["b",2]\n', 'after the end'],
    ['bytes after its end', '["a",1]\n\n["b"', 'after the end'],
  ])('is DECODE with %s', async (_, body, why) => {
    await using server = await answering((response) => {
      beginResult(response)
      response.write(HEAD)
      response.end(body)
    })
    await expect(connect(server.url, { transport }).query('SELECT 1')).rejects.toMatchObject({
      code: 'DECODE',
      message: expect.stringContaining(why),
      queryId: expect.any(String),
    })
  })

  it.each<[string, string]>([
    ['header rows of different length', '["a","b"]\n["STRING"]\n["VARCHAR"]\n\n'],
    ['header rows that hold values', '["a"]\n["STRING"]\n[17]\n\n'],
    ['texts where native types should be', '["SEA"]\n["ORD"]\n["JFK"]\n["SFO"]\n\n'],
    ['texts where SQL types should be', '["a"]\n["STRING"]\n["SEA"]\n["ORD"]\n\n'],
  ])('is DECODE with %s', async (_, body) => {
    await using server = await answering((response) => response.end(body))
    await expect(connect(server.url, { transport }).query('SELECT 1')).rejects.toMatchObject({
      code: 'DECODE',
      message: expect.stringContaining('first three rows'),
    })
  })

  it("gives the server's reason from the trailers, where the transport sees them", async () => {
    await using server = await answering((response) => {
      beginResult(response, { trailer: 'X-Druid-Response-Complete, X-Error-Message' })
      response.write(`${HEAD}["a",1]\n`)
      response.addTrailers({
        'X-Druid-Response-Complete': 'false',
        'X-Error-Message': 'Query did not complete within configured timeout period',
      })
      response.end()
    })
    const error: unknown = await connect(server.url, { transport })
      .query('SELECT 1')
      .catch((caught: unknown) => caught)
    expect(isDruidError(error, 'TRUNCATED') && error.rows).toBe(1)
    const reason = isDruidError(error, 'TRUNCATED') ? error.reason : ''
    if (name === 'node') {
      expect(reason).toBe('Query did not complete within configured timeout period')
      expect(isDruidError(error) && error.message).toContain(reason)
    } else expect(reason).toBeUndefined()
  })

  it('believes trailers that say it is complete, if it is', async () => {
    await using server = await answering((response) => {
      beginResult(response, { trailer: 'X-Druid-Response-Complete' })
      response.write(arrayLines(COLUMNS, '["a",1]', '["b",2]'))
      response.addTrailers({ 'X-Druid-Response-Complete': 'true' })
      response.end()
    })
    expect([...(await connect(server.url, { transport }).query('SELECT 1'))]).toEqual(ROWS)
  })

  it('is CONNECT when nothing listens', async () => {
    const url = await deadUrl()
    await expect(connect(url, { transport }).query('SELECT 1')).rejects.toMatchObject({
      code: 'CONNECT',
      reason: 'refused',
      retryable: true,
      message: expect.stringContaining(`POST ${url}/druid/v2/sql: nothing answers there`),
    })
  })

  it('is CONNECT when the host is unknown', async () => {
    const druid = connect('http://druid.invalid:8888', { transport })
    await expect(druid.query('SELECT 1')).rejects.toMatchObject({
      code: 'CONNECT',
      reason: 'dns',
      message: expect.stringContaining('host name is not known'),
    })
  })

  it('is TLS when the server does not speak it', async () => {
    await using server = await answering((response) => response.end())
    const druid = connect(server.url.replace('http:', 'https:'), { transport })
    await expect(druid.query('SELECT 1')).rejects.toMatchObject({
      code: 'TLS',
      reason: 'protocol',
      message: expect.stringContaining('does it serve plain HTTP'),
      retryable: false,
    })
  })

  it('is CONNECT when the socket is cut before the reply', async () => {
    await using server = await answering((response) => response.socket?.destroy())
    await expect(connect(server.url, { transport }).query('SELECT 1')).rejects.toMatchObject({
      code: 'CONNECT',
      reason: 'reset',
    })
  })
})

it('is TRUNCATED when a whole body is declared incomplete by its trailers', async () => {
  await using server = await answering((response) => {
    beginResult(response, { trailer: 'X-Druid-Response-Complete' })
    response.write(arrayLines(COLUMNS, '["a",1]', '["b",2]'))
    response.addTrailers({ 'X-Druid-Response-Complete': 'false' })
    response.end()
  })
  await expect(connect(server.url).query('SELECT 1')).rejects.toMatchObject({
    code: 'TRUNCATED',
    rows: 2,
  })
})
