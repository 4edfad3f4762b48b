import { connect, type DiscoverySet, isExtensionError } from '@druid/core'
import { type AnyExtension, defineExtension, renamed } from '@druid/core/extension'
import { describe, expect, it, vi } from 'vitest'
import { FakeCluster } from './fake-cluster.ts'
import {
  extensionError,
  type Open,
  OtherThing,
  open,
  plain,
  Thing,
  thing,
  URL_OF_DRUID,
} from './plain-extension.ts'

describe('of two that claim one name', () => {
  const other = defineExtension({ name: 'thing', client: OtherThing })

  it('the first keeps it, the second fails whole', () => {
    const druid = open([thing, other])
    expect(druid.thingClient?.()).not.toBeInstanceOf(OtherThing)
    expect(druid.extensions().map(({ status }) => status)).toEqual(['active', 'failed'])
    expect(druid.extensions()[1]?.error?.message).toMatch(
      /extension "thing": the name is already taken by the listed extension "thing".*renamed/,
    )
  })

  it('the second can be renamed', () => {
    const two = renamed(other, 'thing-two')
    const druid = connect(URL_OF_DRUID, { extensions: [thing, two] })
    expect(druid.thingTwoClient()).toBeInstanceOf(OtherThing)
    expect(druid.extension(two)).toBe(druid.thingTwoClient())
    expect(druid.extensions().map(({ name, status }) => `${name} ${status}`)).toEqual([
      'thing active',
      'thing-two active',
    ])
  })

  it('the same under two names makes two instances', () => {
    const two = renamed(thing, 'second')
    const druid = connect(URL_OF_DRUID, { extensions: [thing, two] })
    expect(druid.secondClient()).not.toBe(druid.thingClient())
    expect(druid.extension(two)).toBe(druid.secondClient())
    expect(druid.extension(thing)).toBe(druid.thingClient())
  })

  it('different names with one method are a collision too', () => {
    const one = defineExtension({ name: 'a1', client: Thing })
    const same = plain('a-1', (context) => {
      context.client = OtherThing
    })
    const druid = open([one, same])
    expect(druid.extensions()[1]?.error?.message).toContain(
      'client.a1Client() is already taken by the listed extension "a1"',
    )
    expect(() => druid.extension('a-1')).toThrow(extensionError(/not active/))
  })

  it('the very same object is no collision', () => {
    const druid = open([thing, thing])
    expect(druid.extensions()).toHaveLength(1)
    expect(druid.thingClient?.()).toBeInstanceOf(Thing)
  })
})

describe('discovered extensions', () => {
  const discovered = (...extensions: readonly AnyExtension[]): DiscoverySet<never> => ({
    root: '/app',
    extensions: extensions.map((extension) => ({
      extension,
      package: {
        name: `druid-${extension.name}`,
        version: '1.2.3',
        path: `/app/node_modules/druid-${extension.name}`,
      },
      allowed: false,
      ms: 5,
    })),
    reports: [],
  })

  it('come after the listed ones, and carry their package', () => {
    const later = defineExtension({ name: 'later', client: OtherThing })
    const druid = connect(URL_OF_DRUID, {
      extensions: [thing],
      discovered: discovered(later),
      extensionOptions: { later: { a: 1 } },
    }) as unknown as Open
    expect(druid.laterClient?.()).toBeInstanceOf(OtherThing)
    const [first, second] = druid.extensions()
    expect(first).toMatchObject({ name: 'thing', source: 'explicit' })
    expect(first).not.toHaveProperty('package')
    expect(second).toMatchObject({
      name: 'later',
      source: 'discovered',
      summary: 'later extension',
      package: { name: 'druid-later', version: '1.2.3', path: '/app/node_modules/druid-later' },
    })
    expect(second?.ms).toBeGreaterThanOrEqual(5)
  })

  it('of a listed name are shadowed, without a word', () => {
    const warn = vi.spyOn(process, 'emitWarning')
    const druid = connect(URL_OF_DRUID, {
      extensions: [thing],
      discovered: discovered(defineExtension({ name: 'thing', client: OtherThing })),
    })
    expect(druid.thingClient()).not.toBeInstanceOf(OtherThing)
    expect(druid.extensions()[1]).toMatchObject({ name: 'thing', status: 'shadowed' })
    expect(druid.extensions()[1]).not.toHaveProperty('error')
    expect(warn).not.toHaveBeenCalled()
    warn.mockRestore()
  })

  it('that are shadowed promise no method where the listed one has none', () => {
    const bare = plain('thing', () => {})
    const druid = open([bare], { discovered: discovered(thing) })
    expect(druid.extensions().map(({ status }) => status)).toEqual(['active', 'shadowed'])
    expect('thingClient' in druid).toBe(false)
  })

  it('fail with the package in the message', () => {
    const druid = open([thing], {
      discovered: discovered(
        defineExtension({ name: 'a1', client: Thing }),
        plain('a-1', (context) => {
          context.client = Thing
        }),
        plain('broken', () => {
          throw new Error('no')
        }),
      ),
    })
    const messages = druid.extensions().map((report) => report.error?.message ?? report.name)
    expect(messages).toEqual([
      'thing',
      'a1',
      expect.stringContaining(
        'extension "broken" (druid-broken 1.2.3, /app/node_modules/druid-bro',
      ),
      expect.stringContaining(
        'taken by extension "a1" of druid-a1 1.2.3 (/app/node_modules/druid-a1)',
      ),
    ])
  })
})

describe('onExtensionError', () => {
  const broken = (name: string): AnyExtension =>
    plain(name, () => {
      throw new Error(`${name} is broken`)
    })

  it('warns once for each failure and process, by default', () => {
    const warn = vi.spyOn(process, 'emitWarning').mockReturnValue(undefined)
    const extensions = [broken('warned-a'), broken('warned-b')]
    connect(URL_OF_DRUID, { extensions })
    connect(URL_OF_DRUID, { extensions, onExtensionError: 'warn' })
    expect(warn.mock.calls).toEqual([
      [expect.stringContaining('warned-a is broken'), 'DruidExtensionWarning'],
      [expect.stringContaining('warned-b is broken'), 'DruidExtensionWarning'],
    ])
    warn.mockRestore()
  })

  it('throws all failures together', () => {
    const extensions = [broken('a'), thing, broken('b')]
    let thrown: unknown
    try {
      connect(URL_OF_DRUID, { extensions, onExtensionError: 'throw' })
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBeInstanceOf(AggregateError)
    expect((thrown as AggregateError).errors.every(isExtensionError)).toBe(true)
    expect((thrown as AggregateError).errors.map((error) => error.extension)).toEqual(['a', 'b'])
    expect((thrown as AggregateError).message).toContain('b is broken')
  })

  it('is silent', () => {
    const warn = vi.spyOn(process, 'emitWarning')
    connect(URL_OF_DRUID, { extensions: [broken('silent')], onExtensionError: 'silent' })
    expect(warn).not.toHaveBeenCalled()
    warn.mockRestore()
  })

  it('lets an error of the function out of connect, and disposes of what was made', async () => {
    let disposed = 0
    class Closing extends FakeCluster {
      [Symbol.dispose](): void {
        disposed += 1
      }
    }
    const extensions = [defineExtension({ name: 'cluster', cluster: Closing }), broken('a')]
    const own = new Error('not in production')
    const connecting = (): unknown =>
      connect(URL_OF_DRUID, {
        extensions,
        onExtensionError() {
          throw own
        },
      })
    expect(connecting).toThrow(own)
    await vi.waitFor(() => expect(disposed).toBe(1))
  })

  it('warns of at most 1,000 different failures in a process', () => {
    const warn = vi.spyOn(process, 'emitWarning').mockReturnValue(undefined)
    for (let i = 0; i < 1_100; i += 1) connect(URL_OF_DRUID, { extensions: [broken(`many-${i}`)] })
    expect(warn.mock.calls.length).toBeGreaterThan(900)
    expect(warn.mock.calls.length).toBeLessThanOrEqual(1_000)
    warn.mockRestore()
  })

  it('calls a function with each report', () => {
    const names: string[] = []
    const druid = connect(URL_OF_DRUID, {
      extensions: [broken('a'), thing, broken('b')],
      onExtensionError: (report) => names.push(`${report.name} ${report.status}`),
    })
    expect(names).toEqual(['a failed', 'b failed'])
    expect(druid.extensions()).toHaveLength(3)
  })
})
