import { cluster, type IngestSource } from '@druid/cluster'
import { connect } from '@druid/core'
import {
  cutAfter,
  type FakeDruid,
  fakeDruid,
  faultServer,
  type Routes,
  reply,
} from '@druid/testing'
import { describe, expect, it } from 'vitest'

const V1 = '/druid/indexer/v1'
const SUBMIT = `POST ${V1}/task`
const REPORTS = `GET ${V1}/task/{id}/reports`

interface Submitted {
  readonly id: string
  readonly spec: {
    readonly dataSchema: Readonly<Record<string, unknown>>
    readonly ioConfig: {
      readonly inputSource: { readonly data: string }
      readonly inputFormat: unknown
      readonly appendToExisting?: boolean
      readonly dropExisting?: boolean
    }
  }
}

/** A cluster that takes tasks, writes as many rows as they have lines, and says so. */
function taking(submitted: Submitted[], routes: Routes = {}, columns = ['a', 'n', 'o', 't', 'x']) {
  return {
    sql: [
      [/COLUMNS/, columns.map((name) => ({ COLUMN_NAME: name }))],
      [/INFORMATION_SCHEMA/, [{ TABLE_NAME: 'rows' }]],
      [/sys\.segments/, { columns: { segment_id: 'VARCHAR' }, rows: [] }],
    ],
    routes: {
      [SUBMIT]: ({ body, raw }: { body: unknown; raw?: string }) => {
        submitted.push((raw ?? body) as Submitted)
        return { task: (body as Submitted).id }
      },
      [`GET ${V1}/task/{id}/status`]: ({ params }: { params: { id: string } }) => ({
        status: { id: params.id, type: 'index_parallel', statusCode: 'SUCCESS' },
      }),
      [REPORTS]: ({ params }: { params: { id: string } }) => {
        const task = submitted.find(({ id }) => id === params.id)
        const processed = task?.spec.ioConfig.inputSource.data.split('\n').length ?? 0
        return { ingestionStatsAndErrors: report({ processed }) }
      },
      'GET /druid/coordinator/v1/datasources/rows/loadstatus': { rows: 0 },
      'GET /druid/coordinator/v1/datasources/rows/segments': [],
      'GET /druid/coordinator/v1/metadata/datasources/rows/segments': [],
      ...routes,
    },
  } as unknown as Parameters<typeof fakeDruid>[0]
}

function report(buildSegments: object): object {
  const payload = { ingestionState: 'COMPLETED', rowStats: { buildSegments } }
  return { type: 'ingestionStatsAndErrors', taskId: 'x', payload }
}

const opened = ({ url, transport }: FakeDruid) =>
  connect(url, { transport, extensions: [cluster] }).cluster()

async function submitted(source: Partial<IngestSource>): Promise<Submitted[]> {
  const tasks: Submitted[] = []
  const druid = fakeDruid(taking(tasks))
  await opened(druid).ingest({ dataSource: 'rows', time: 't', ...source } as IngestSource)
  return tasks
}

const dataOf = (tasks: readonly Submitted[]): string[] =>
  tasks.map(({ spec }) => spec.ioConfig.inputSource.data)

describe('65 Ingest helper: rows as they are sent', () => {
  it('are lines of JSON: dates in ISO 8601, nested ones as they are, undefined left out', async () => {
    const [data] = dataOf(
      await submitted({
        rows: new Set([
          { t: new Date(0), n: null, a: [1, { x: 'é\n' }], gone: undefined },
          { t: 1, o: { d: new Date(1) } },
        ]),
      }),
    )
    expect(data?.split('\n')).toEqual([
      '{"t":"1970-01-01T00:00:00.000Z","n":null,"a":[1,{"x":"é\\n"}]}',
      '{"t":1,"o":{"d":"1970-01-01T00:00:00.001Z"}}',
    ])
  })

  it.each<[string, unknown, RegExp]>([
    ['a row that is none', 7, /row 1: a row is an object/],
    ['a row that is a list', [1], /row 1: a row is an object/],
    ['a row that is null', null, /row 1: a row is an object/],
    ['NaN', { t: 1, n: Number.NaN }, /row 1, "n": NaN is nothing in JSON/],
    ['an infinite number', { t: 1, o: { n: -Infinity } }, /"n": -Infinity/],
    ['a bigint beyond 64 bits', { t: 1, n: 2n ** 63n }, /row 1, "n": a bigint beyond 64 bits/],
    ['an invalid date', { t: new Date('x') }, /an invalid Date/],
    ['a Map', { t: 1, n: [new Map()] }, /a Map or Set/],
    ['bytes', { t: 1, n: new Uint8Array(2) }, /bytes/],
    ['a function', { t: 1, n: () => 1 }, /a function/],
  ])('refuses %s, before Druid is told anything', async (_, row, message) => {
    const tasks: Submitted[] = []
    const rows = [{ t: 1 }, row] as object[]
    const ingesting = opened(fakeDruid(taking(tasks))).ingest({
      dataSource: 'rows',
      time: 't',
      rows,
    })
    await expect(ingesting).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringMatching(message),
    })
    expect(tasks).toEqual([])
  })

  it('are in batches of so many bytes, of their UTF-8, or rows', async () => {
    const rows = Array.from({ length: 10 }, (_, i) => ({ t: i, x: 'é'.repeat(10) }))
    const size = new TextEncoder().encode(`${JSON.stringify(rows[0])}\n`).length
    const lines = async (batch: object) =>
      dataOf(await submitted({ rows, batch })).map((data) => data.split('\n').length)
    expect(await lines({ bytes: size * 3 })).toEqual([3, 3, 3, 1])
    expect(await lines({ rows: 4 })).toEqual([4, 4, 2])
    expect(await lines({ bytes: 1 })).toEqual(Array(10).fill(1))
    expect(await lines({})).toEqual([10])
    await expect(submitted({ rows, batch: { rows: 0 } })).rejects.toMatchObject({
      code: 'CONFIG',
      option: 'batch',
    })
  })

  it('are added; with an interval the first batch replaces it, and the others add to that', async () => {
    const rows = [{ t: 1 }, { t: 2 }]
    const modes = (tasks: Submitted[]) =>
      tasks.map(({ spec: { ioConfig } }) => [ioConfig.appendToExisting, ioConfig.dropExisting])
    expect(modes(await submitted({ rows, batch: { rows: 1 } }))).toEqual(
      Array(2).fill([true, false]),
    )
    const replaced = await submitted({ rows, batch: { rows: 1 }, replace: '2024/2025' })
    expect(modes(replaced)).toEqual([
      [false, true],
      [true, false],
    ])
    expect(replaced[0]?.spec.dataSchema.granularitySpec).toMatchObject({ intervals: ['2024/2025'] })
    expect(modes(await submitted({ rows, replace: true }))).toEqual([[false, false]])
  })

  it('waits until SQL knows the columns that have values', async () => {
    const tasks: Submitted[] = []
    const druid = fakeDruid(taking(tasks, {}, ['t', 'a']))
    const rows = [{ t: 1, a: 1, n: 2, never: null }]
    const options = { availabilityTimeout: 300 }
    await expect(
      opened(druid).ingest({ dataSource: 'rows', time: 't', rows }, options),
    ).rejects.toMatchObject({ code: 'TIMEOUT' })
    await opened(fakeDruid(taking([]))).ingest({ dataSource: 'rows', time: 't', rows }, options)
  })

  it('says that there were none', async () => {
    await expect(submitted({ rows: [] })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining('there are no rows'),
    })
  })

  it('that fail in a later batch: the error says what is stored', async () => {
    let asked = 0
    const tasks: Submitted[] = []
    const failing = fakeDruid(
      taking(tasks, {
        [SUBMIT]: ({ body }) => {
          asked += 1
          if (asked === 2) return reply({ status: 403, body: 'no' })
          tasks.push(body as Submitted)
          return { task: (body as Submitted).id }
        },
      }),
    )
    const rows = [{ t: 1 }, { t: 2 }, { t: 3 }]
    await expect(
      opened(failing).ingest({ dataSource: 'rows', time: 't', rows, batch: { rows: 1 } }),
    ).rejects.toMatchObject({
      code: 'FORBIDDEN',
      status: 403,
      message: expect.stringMatching(
        /^batch 2 of the ingestion: .*1 before it are stored, with 1 row/,
      ),
    })
    expect(asked).toBe(2)
  })

  it('of a source that stands still ends with the signal', async () => {
    async function* rows(): AsyncGenerator<object> {
      yield { t: 1 }
      await new Promise(() => {})
    }
    const signal = AbortSignal.timeout(50)
    const ingesting = opened(fakeDruid(taking([]))).ingest(
      { dataSource: 'rows', time: 't', rows: rows() },
      { signal },
    )
    await expect(ingesting).rejects.toMatchObject({ code: 'TIMEOUT' })
  })

  it('lets go of a source that it does not read to the end', async () => {
    let closed = false
    async function* rows(): AsyncGenerator<object> {
      try {
        while (true) yield { t: Number.NaN }
      } finally {
        closed = true
      }
    }
    const source = { dataSource: 'rows', time: 't', rows: rows() }
    await expect(opened(fakeDruid(taking([]))).ingest(source)).rejects.toThrow('NaN')
    expect(closed).toBe(true)
  })
})

describe('65 Ingest helper: files as they are sent', () => {
  it('repeats the header in each batch, and leaves empty lines and carriage returns out', async () => {
    const file = new File(['t,x\r\n1,"a ""b"""\r\n\r\n2,c\n3,d'], 'rows.CSV')
    const tasks = await submitted({ files: [file, new Blob(['t,y\n4,e'])], batch: { rows: 2 } })
    expect(dataOf(tasks)).toEqual(['t,x\n1,"a ""b"""\n2,c', 't,x\n3,d', 't,y\n4,e'])
    expect(tasks[0]?.spec.ioConfig.inputFormat).toEqual({
      type: 'csv',
      findColumnsFromHeader: true,
    })
  })

  it('reads text split within characters', async () => {
    const text = '{"t":1,"x":"漢字 🎉"}\n{"t":2,"x":"é"}\n'
    const stream = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const byte of new TextEncoder().encode(text)) controller.enqueue(Uint8Array.of(byte))
        controller.close()
      },
    })
    expect(dataOf(await submitted({ files: stream }))).toEqual([text.trim()])
  })

  it.each<[string, BlobPart, string, RegExp]>([
    ['bytes that are no text', Uint8Array.of(0x1f, 0x8b, 0xff), 'json', /is it compressed/],
    ['a JSON array', ' [{"t":1}]', 'json', /JSON array/],
    ['a quoted line break', 't,x\n1,"a\nb"', 'csv', /file 0, line 1: a quoted field/],
  ])('refuses %s', async (_, content, format, message) => {
    const files = new Blob([content])
    await expect(submitted({ files, format } as Partial<IngestSource>)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringMatching(message),
    })
    await expect(submitted({ files, format: 'parquet' } as never)).rejects.toMatchObject({
      code: 'CONFIG',
      option: 'format',
    })
  })
})

describe('65 Ingest helper: URLs and paths as they are sent', () => {
  const inputOf = async (source: object): Promise<unknown> => {
    const tasks: unknown[] = []
    await opened(
      fakeDruid(
        taking(tasks as Submitted[], {
          [REPORTS]: { ingestionStatsAndErrors: report({ processed: 0 }) },
        }),
      ),
    ).ingest({
      dataSource: 'rows',
      time: 't',
      ...source,
    } as IngestSource)
    const [{ spec }] = tasks as [Submitted]
    return [spec.ioConfig.inputSource, spec.ioConfig.inputFormat]
  }

  it('knows the format by the name, and sends credentials apart from the URL', async () => {
    expect(await inputOf({ url: 'https://a/b.json.gz?x=1' })).toEqual([
      { type: 'http', uris: ['https://a/b.json.gz?x=1'] },
      { type: 'json' },
    ])
    expect(await inputOf({ url: [new URL('http://me:s3%20cret@a/b.TSV')] })).toEqual([
      {
        type: 'http',
        uris: ['http://a/b.TSV'],
        httpAuthenticationUsername: 'me',
        httpAuthenticationPassword: { type: 'default', password: 's3 cret' },
      },
      { type: 'tsv', findColumnsFromHeader: true },
    ])
    expect(await inputOf({ paths: { baseDir: '/data', filter: '*.parquet' } })).toEqual([
      { type: 'local', baseDir: '/data', filter: '*.parquet' },
      { type: 'parquet' },
    ])
    const format = { type: 'csv', columns: ['t'] }
    expect(await inputOf({ paths: ['/x'], format })).toEqual([
      { type: 'local', files: ['/x'] },
      format,
    ])
  })

  it.each<[string, object, string]>([
    ['a URL that is none', { url: 'nowhere' }, 'url'],
    ['no URL', { url: [] }, 'url'],
    ['a name without a format', { url: 'http://a/b' }, 'format'],
    ['two inputs', { url: 'http://a/b.csv', rows: [] }, 'rows'],
    ['no input', {}, 'rows'],
    ['an option that there is not', { url: 'http://a/b.csv', apend: true }, 'apend'],
  ])('refuses %s', async (_, source, option) => {
    await expect(inputOf(source)).rejects.toMatchObject({ code: 'CONFIG', option })
  })
})

describe('an ingestion whose connection is cut', () => {
  it('while the report is fetched goes on, and counts', async () => {
    const tasks: Submitted[] = []
    await using server = await faultServer(taking(tasks))
    server.next(cutAfter(0, { in: 'reply' }), { on: REPORTS, times: 3 })
    server.next(cutAfter(20, { in: 'reply' }), { on: REPORTS })
    await using druid = connect(server.url, { extensions: [cluster], retry: false })
    const rows = [{ t: 1 }, { t: 2 }]
    const result = await druid.cluster().ingest({ dataSource: 'rows', time: 't', rows })
    expect(result.rows).toBe(2)
    expect(server.left).toBe(0)
    expect(tasks).toHaveLength(1)
  })

  it('while a batch is submitted writes it once', async () => {
    const tasks: Submitted[] = []
    await using server = await faultServer(taking(tasks))
    server.next(cutAfter(0, { in: 'reply' }), { on: SUBMIT, times: 2 })
    await using druid = connect(server.url, { extensions: [cluster] })
    const rows = [{ t: 1 }, { t: 2 }]
    const source = { dataSource: 'rows', time: 't', rows, batch: { rows: 1 } }
    expect((await druid.cluster().ingest(source)).rows).toBe(2)
    expect(dataOf(tasks)).toEqual(['{"t":1}', '{"t":2}'])
    expect(server.count(SUBMIT)).toBe(2)
  })
})
