import { cluster } from '@druid/cluster'
import { defineExtension, fromModule, type Middleware } from '@druid/core/extension'
import { format } from '@druid/format'
import { ImplyClient, imply, TalariaService } from '@druid/imply'
import { recordRegistration } from '@druid/testing'
import { describe, expect, it } from 'vitest'

describe('recordRegistration()', () => {
  it('tells classes, roles and methods of an extension', () => {
    expect(recordRegistration(imply)).toMatchObject({
      name: 'imply',
      summary: 'Imply',
      client: ImplyClient,
      roles: { talaria: TalariaService },
      methods: ['implyClient', 'cluster().talariaClient', 'cluster().talariaClients'],
      cluster: undefined,
      formatters: {},
    })
    expect(recordRegistration(cluster).methods).toContain('cluster')
    expect(Object.keys(recordRegistration(format).formatters)).toContain('csv')
  })

  it('tells everything else that it takes part in', () => {
    const codec = { decode: (value: unknown) => value }
    const use: Middleware = (request, next) => next(request)
    const extension = defineExtension({
      name: 'all',
      setup(context) {
        context.requires = { druid: '>=28' }
        context.use(use, { phase: 'late' })
        context.queries({ error: () => undefined })
        context.codec('COMPLEX<x>', codec)
        context.auth('kerberos', () => () => ({}))
        context.mapUrl(() => undefined)
        context.onClose(() => {})
        context.clusterMethods = { auditor: class Auditor {} }
      },
    })
    expect(recordRegistration(extension)).toMatchObject({
      requires: { druid: '>=28' },
      middleware: { early: [], late: [use] },
      queries: [{ error: expect.any(Function) }],
      codecs: { 'COMPLEX<x>': codec },
      auths: { kerberos: expect.any(Function) },
      mapUrls: [expect.any(Function)],
      closers: [expect.any(Function)],
      methods: ['cluster().auditor'],
    })
  })

  it('takes options, or those that are bound', () => {
    const extension = defineExtension({
      name: 'options',
      setup(context) {
        context.summary = String((context.options as { as: string }).as)
      },
    })
    expect(recordRegistration(extension.with({ as: 'bound' })).summary).toBe('bound')
    expect(recordRegistration(extension, { as: 'given' }).summary).toBe('given')
  })

  it('takes a module with nothing but registerClient', () => {
    class Old {}
    const module = {
      registerClient(context: { client: unknown }): void {
        context.client = Old
      },
    }
    expect(recordRegistration(fromModule('old-one', module))).toMatchObject({
      client: Old,
      methods: ['oldOneClient'],
    })
  })

  it('throws what connect() would report', () => {
    const bad = defineExtension({ name: 'bad', client: 5 as never })
    expect(() => recordRegistration(bad)).toThrow(
      expect.objectContaining({ code: 'EXTENSION', extension: 'bad' }),
    )
  })
})
