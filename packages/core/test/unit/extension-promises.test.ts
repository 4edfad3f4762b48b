import { connect } from '@druid/core'
import {
  type AnyExtension,
  type ClusterContext,
  defineExtension,
  type RegistrationContext,
} from '@druid/core/extension'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { FakeCluster } from './fake-cluster.ts'
import { open, plain, thing } from './plain-extension.ts'
import { arrayLines, canned, headerRows } from './reply.ts'
import { serve } from './server.ts'

const SKETCH = [['sketch', 'COMPLEX<HLLSketch>', 'OTHER']] as const
const ONE = arrayLines(SKETCH, '["\\"Ag==\\""]')
const extending = (setup: (context: RegistrationContext) => void): AnyExtension =>
  defineExtension({ name: 'async', setup })
const failed = (text: string): object =>
  expect.objectContaining({ code: 'EXTENSION', message: expect.stringContaining(text) })
const later = async (): Promise<never> => {
  throw new Error('too late')
}

describe('an asynchronous answer where none is waited for', () => {
  const unhandled: unknown[] = []
  const note = (error: unknown): void => void unhandled.push(error)
  beforeEach(() => void process.on('unhandledRejection', note))
  afterEach(async () => {
    await new Promise((resolve) => setTimeout(resolve, 5))
    process.off('unhandledRejection', note)
    expect(unhandled.splice(0)).toEqual([])
    vi.restoreAllMocks()
  })

  it('of registerClient fails the extension, and makes no noise when it rejects', () => {
    const druid = open([plain('async', later), thing])
    expect(druid.extensions().map(({ status }) => status)).toEqual(['active', 'failed'])
  })

  it('of registerClient cannot register anything later', async () => {
    let said = ''
    const waiting = plain('async', async (context) => {
      await new Promise((resolve) => setTimeout(resolve, 1))
      try {
        context.use((request, next) => next(request))
      } catch (error) {
        said = String(error)
      }
      context.client = class {}
    })
    const druid = open([waiting])
    await vi.waitFor(() =>
      expect(said).toContain('its registration is over; call use() within registerClient'),
    )
    expect(druid.extensions()[0]).toMatchObject({ status: 'failed', parts: [] })
  })

  it('of a codec leaves the value as it came, with one warning', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockReturnValue(undefined)
    const druid = open([extending((context) => context.codec('COMPLEX<HLLSketch>', later_()))], {
      transport: canned({ body: ONE }),
    })
    expect(await druid.query('SELECT 1')).toEqual([{ sketch: 'Ag==' }])
    expect(await druid.query('SELECT 1')).toEqual([{ sketch: 'Ag==' }])
    expect(warn.mock.calls.map(([message]) => String(message))).toEqual([
      expect.stringMatching(/codec for COMPLEX<HLLSketch> failed .* answered with a promise/),
    ])
    function later_(): { decode(): unknown } {
      return { decode: later }
    }
  })

  it('of a mapper asks the next, with one warning', () => {
    const warn = vi.spyOn(process, 'emitWarning').mockReturnValue(undefined)
    const mapping = extending((context) => {
      context.mapUrl(later as never)
      context.mapUrl(() => 'http://outside')
    })
    const cluster = defineExtension({ name: 'cluster', cluster: FakeCluster })
    const druid = open([mapping, cluster]) as unknown as { cluster(): { context: ClusterContext } }
    const { context } = druid.cluster()
    expect(context.mapUrl({})?.url.href).toBe('http://outside/')
    expect(context.mapUrl({})?.url.href).toBe('http://outside/')
    expect(warn).toHaveBeenCalledOnce()
  })

  it.each<[string, (context: RegistrationContext) => void, string]>([
    ['rows', (c) => c.queries({ rows: later as never }), 'its rows hook failed: it answered'],
    ['error', (c) => c.queries({ error: later as never }), 'its error hook failed: it answered'],
    [
      'an error made of rows',
      (c) => c.queries({ rows: () => later() as never, error: () => undefined }),
      'its rows hook failed',
    ],
  ])('of the hook %s fails the query, named', async (_, setup, why) => {
    const druid = open([extending(setup)], { transport: canned({ body: headerRows(SKETCH) }) })
    await expect(druid.query('SELECT 1')).rejects.toEqual(failed(why))
  })

  it('of a formatter rejects, named', async () => {
    const formatting = extending((context) =>
      context.formatter('late', { mediaType: 'text/plain', format: later as never }),
    )
    const druid = open([formatting], { transport: canned({ body: ONE }) }) as unknown as {
      format(...args: string[]): Promise<string>
    }
    await expect(druid.format('SELECT 1', 'late')).rejects.toEqual(
      failed('formatter late failed: it answered with a promise'),
    )
  })

  it('a formatter that does not wait for its columns makes no noise', async () => {
    const hasty = defineExtension({
      name: 'hasty',
      formatters: {
        hasty: {
          mediaType: 'text/plain',
          async *format({ columns }) {
            void columns
            yield 'done'
          },
        },
      },
    })
    const broken = open([hasty], { transport: canned({ body: '' }) }) as unknown as {
      format(...args: string[]): Promise<string>
    }
    // What comes first: its end, or that of the result.
    const outcome = await broken.format('SELECT 1', 'hasty').catch((error) => error.code)
    expect(['done', 'TRUNCATED']).toContain(outcome)
  })

  it('of the maker of an authentication throws connect', () => {
    const sso = extending((context) => context.auth('sso', later as never))
    expect(() => open([sso], { auth: 'sso' })).toThrow(
      failed('auth "sso" could not be set up: it answered with a promise') as never,
    )
  })
})

/** A server that starts to answer a query, and never ends. */
const endless = () =>
  serve((request, response) => {
    if (request.method === 'DELETE') response.writeHead(202).end()
    else response.write(`${headerRows(SKETCH)}["\\"Ag==\\""]\n`)
  })

describe('one that never settles is left by an abort, and by close()', () => {
  const hanging = new Promise<never>(() => {})
  const POINTS: [string, (context: RegistrationContext) => void, boolean][] = [
    ['middleware', (context) => context.use(() => hanging), false],
    ['the hook sqlRequest', (context) => context.queries({ sqlRequest: () => hanging }), false],
    [
      'the hook rows, before a row',
      (context) =>
        context.queries({
          rows: async function* () {
            yield await hanging
          },
        }),
      true,
    ],
    [
      'the hook rows, after some, also in its clean-up',
      (context) =>
        context.queries({
          rows: async function* (batches) {
            try {
              for await (const batch of batches) yield batch
            } finally {
              await hanging
            }
          },
        }),
      true,
    ],
    [
      'the hook rows that is no generator',
      (context) =>
        context.queries({
          rows: () => ({ [Symbol.asyncIterator]: () => ({ next: () => hanging }) }),
        }),
      true,
    ],
  ]

  it.each(POINTS)('%s', async (_, setup, sent) => {
    for (const how of ['abort', 'close'] as const) {
      await using server = await endless()
      const druid = connect(server.url, { extensions: [extending(setup)] })
      const signal = how === 'abort' ? AbortSignal.timeout(40) : undefined
      const call = druid.query('SELECT 1', { signal }).catch((error: unknown) => error)
      if (how === 'close') {
        await new Promise((resolve) => setTimeout(resolve, 40))
        await druid.close()
      }
      expect(await call).toMatchObject({ code: how === 'abort' ? 'TIMEOUT' : 'CLOSED' })
      await druid.close()
      expect(server.by('DELETE').length > 0).toBe(sent)
    }
  })

  it.each<[string, () => AsyncGenerator<string>]>([
    [
      'a formatter, before its first piece',
      async function* () {
        yield await hanging
      },
    ],
    [
      'a formatter, after some pieces',
      async function* () {
        yield 'a'
        await hanging
      },
    ],
  ])('%s', async (_, format) => {
    const formatting = defineExtension({
      name: 'formatting',
      formatters: { endless: { mediaType: 'text/plain', format } },
    })
    for (const how of ['abort', 'close'] as const) {
      await using server = await endless()
      const druid = connect(server.url, { extensions: [formatting] })
      const own = how === 'abort' ? druid.with({ signal: AbortSignal.timeout(40) }) : druid
      const call = own.format('SELECT 1', 'endless').catch((error: unknown) => error)
      if (how === 'close') {
        await new Promise((resolve) => setTimeout(resolve, 40))
        await druid.close()
      }
      expect(await call).toMatchObject({ code: how === 'abort' ? 'TIMEOUT' : 'CLOSED' })
      await druid.close()
    }
  })

  it('a server that does not say its version, while an extension waits for it', async () => {
    await using server = await serve(() => {})
    const needing = defineExtension({
      name: 'needing',
      requires: { druid: '>=28' },
      client: class {
        readonly request: (signal: AbortSignal) => Promise<unknown>
        constructor(client: { request(...args: unknown[]): Promise<unknown> }) {
          this.request = (signal) => client.request('GET', '/x', undefined, { signal })
        }
      } as never,
    })
    const druid = connect(server.url, { extensions: [needing] }) as unknown as {
      needingClient(): { request(signal: AbortSignal): Promise<unknown> }
      close(): Promise<void>
    }
    await expect(druid.needingClient().request(AbortSignal.timeout(30))).rejects.toMatchObject({
      code: 'TIMEOUT',
    })
    await druid.close()
  })
})
