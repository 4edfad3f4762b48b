import { inspect } from 'node:util'
import { connect } from '@druid/core'
import {
  type AnyExtension,
  defineExtension,
  type ExtensionHost,
  type RegistrationContext,
  recordExtension,
} from '@druid/core/extension'
import { describe, expect, it, vi } from 'vitest'
import { extensionError, open, plain, Thing, thing, URL_OF_DRUID } from './plain-extension.ts'

describe('an extension is registered', () => {
  it('by assignments alone', () => {
    const ranger = plain('ranger', (context) => {
      context.summary = 'Ranger policies'
      context.client = Thing
    })
    const druid = open([ranger])
    expect(druid.rangerClient?.()).toBeInstanceOf(Thing)
    expect(druid.extensions()).toEqual([
      {
        name: 'ranger',
        status: 'active',
        source: 'explicit',
        summary: 'Ranger policies',
        methods: ['rangerClient'],
        roles: [],
        parts: [],
        waiting: [],
        ms: expect.any(Number),
      },
    ])
  })

  it('by context.define, returned or not', () => {
    for (const returns of [true, false]) {
      const ranger = plain('ranger', (context) => {
        const registration = context.define({ summary: 'Ranger', client: Thing })
        return returns ? registration : undefined
      })
      const druid = open([ranger])
      expect(druid.rangerClient?.()).toBeInstanceOf(Thing)
      expect(druid.extensions()[0]).toMatchObject({ summary: 'Ranger', status: 'active' })
    }
  })

  it('by defineExtension', () => {
    const druid = connect(URL_OF_DRUID, { extensions: [thing] })
    const made = druid.thingClient()
    expect(made).toBeInstanceOf(Thing)
    // The public face of this very connection.
    expect(made.client.extension('thing')).toBe(made)
    expect(druid.extensions()[0]).toMatchObject({ status: 'active', summary: 'thing extension' })
  })

  it('by setup, which is given the options', () => {
    const optional = defineExtension({
      name: 'optional',
      setup(context: RegistrationContext<{ greeting: string }>) {
        const greeting = context.options?.greeting ?? 'nothing'
        return context.define({
          client: class {
            greet(): string {
              return greeting
            }
          },
        })
      },
    })
    expect(
      connect(URL_OF_DRUID, { extensions: [optional] })
        .optionalClient()
        .greet(),
    ).toBe('nothing')
    const bound = optional.with({ greeting: 'hello' })
    const druid = connect(URL_OF_DRUID, {
      extensions: [bound],
      extensionOptions: { optional: { greeting: 'unheard' } },
    })
    expect(druid.optionalClient().greet()).toBe('hello')
    // The definition finds what was made from it.
    expect(druid.extension(optional)).toBe(druid.optionalClient())
    expect(bound.with({ greeting: 'again' }).name).toBe('optional')
    const byName = connect(URL_OF_DRUID, {
      extensions: [optional],
      extensionOptions: { optional: { greeting: 'from the connection' } },
    })
    expect(byName.optionalClient().greet()).toBe('from the connection')
  })

  it('with a context that says what it is registered on', () => {
    let seen: object = {}
    open([
      plain('ranger', (context) => {
        const { apiVersion, name, package: from, options } = context
        seen = { apiVersion, name, from, options }
      }),
    ])
    expect(seen).toEqual({ apiVersion: 1, name: 'ranger', from: undefined, options: undefined })
  })

  it('without doing anything else', () => {
    const druid = open([plain('nothing', () => {})])
    expect(druid.extensions()[0]).toMatchObject({ status: 'active', methods: [] })
    expect('nothingClient' in druid).toBe(false)
    expect(() => druid.extension('nothing')).toThrow(extensionError(/adds no client/))
  })

  it('in the camel case of its name', () => {
    const druid = open([defineExtension({ name: 'query-worker-2', client: Thing })])
    expect(druid.queryWorker2Client?.()).toBeInstanceOf(Thing)
  })
})

describe('an instance', () => {
  it('is made on the first call, once for the connection', () => {
    let made = 0
    class Counted {
      constructor() {
        made += 1
      }
    }
    const counted = defineExtension({ name: 'counted', client: Counted })
    const druid = connect(URL_OF_DRUID, { extensions: [counted] })
    expect(made).toBe(0)
    const { countedClient } = druid
    const one = countedClient()
    expect(druid.countedClient()).toBe(one)
    expect(druid.with({ context: { priority: 1 } }).countedClient()).toBe(one)
    expect(druid.with({}).with({}).extension(counted)).toBe(one)
    expect(druid.extension('counted')).toBe(one)
    expect(made).toBe(1)
    const second = connect(URL_OF_DRUID, { extensions: [counted] })
    expect(second.countedClient()).not.toBe(one)
    expect(made).toBe(2)
  })

  it('belongs to its connection; another has not even the method', () => {
    const druid = connect(URL_OF_DRUID, { extensions: [thing] })
    const other = connect(URL_OF_DRUID)
    expect(druid.thingClient).toBeTypeOf('function')
    expect('thingClient' in other).toBe(false)
    expect(() => other.extension(thing as never)).toThrow(
      extensionError('extension "thing": is not registered on this connection'),
    )
  })

  it('whose constructor throws is an error with the cause, and made again on the next call', () => {
    let attempts = 0
    class Fragile {
      constructor() {
        attempts += 1
        if (attempts === 1) throw new Error('not yet')
      }
    }
    const druid = connect(URL_OF_DRUID, {
      extensions: [defineExtension({ name: 'fragile', client: Fragile })],
    })
    expect(() => druid.fragileClient()).toThrow(
      expect.objectContaining({
        code: 'EXTENSION',
        extension: 'fragile',
        message: expect.stringContaining('not yet'),
        cause: expect.objectContaining({ message: 'not yet' }),
      }),
    )
    expect(druid.fragileClient()).toBeInstanceOf(Fragile)
  })

  it('whose constructors ask for one another is an error, not a stack overflow', () => {
    const asking = (name: string, other: string): AnyExtension =>
      defineExtension({
        name: name as 'a',
        client: class {
          constructor(client: ExtensionHost) {
            client.extension(other)
          }
        },
      })
    const druid = open([asking('a', 'b'), asking('b', 'c'), asking('c', 'a')])
    expect(() => druid.aClient?.()).toThrow(
      extensionError(/circle: aClient\(\) → bClient\(\) → cClient\(\) → aClient\(\)/),
    )
    expect(() => druid.bClient?.()).toThrow(extensionError(/circle/))
  })

  it('may use another extension when it is made', () => {
    class User {
      readonly other: unknown
      constructor(client: ExtensionHost) {
        this.other = client.extension('thing')
      }
    }
    const user = defineExtension({ name: 'user', client: User })
    const druid = connect(URL_OF_DRUID, { extensions: [user, thing] })
    expect(druid.userClient().other).toBe(druid.thingClient())
  })
})

describe('the method on the client', () => {
  it('is not listed, and can be replaced by a spy', () => {
    const druid = connect(URL_OF_DRUID, { extensions: [thing] })
    expect(Object.keys(druid)).toEqual([])
    expect(inspect(druid)).not.toContain('thingClient')
    expect({ ...druid }).toEqual({})
    const spy = vi.spyOn(druid, 'thingClient').mockReturnValue(new Thing(druid))
    druid.thingClient()
    expect(spy).toHaveBeenCalledOnce()
    spy.mockRestore()
    expect(druid.extension('thing')).toBe(druid.thingClient())
  })

  it('is on no prototype', () => {
    const druid = connect(URL_OF_DRUID, { extensions: [thing] })
    expect(Object.hasOwn(druid, 'thingClient')).toBe(true)
    expect('thingClient' in Object.getPrototypeOf(druid)).toBe(false)
  })
})

it('reports cannot be changed', () => {
  const reports = connect(URL_OF_DRUID, { extensions: [thing] }).extensions()
  expect(Object.isFrozen(reports)).toBe(true)
  expect(Object.isFrozen(reports[0])).toBe(true)
})

describe('recordExtension()', () => {
  it('says what an extension registers, without a connection', () => {
    const closing = (): void => {}
    class Role {}
    const extension = defineExtension({
      name: 'recorded',
      setup(context: RegistrationContext<{ role: string }>) {
        context.onClose(closing)
        return context.define({
          client: Thing,
          roles: { [context.options?.role ?? 'none']: Role },
          requires: { druid: '>=28' },
        })
      },
    })
    const recorded = recordExtension(extension.with({ role: 'a' }))
    expect(recorded).toMatchObject({
      summary: 'recorded extension',
      client: Thing,
      requires: { druid: '>=28' },
      closers: [closing],
    })
    expect([...recorded.roles.keys()]).toEqual(['a'])
    expect([...recordExtension(extension, { role: 'b' }).roles.keys()]).toEqual(['b'])
  })

  it('throws what connect would report', () => {
    expect(() => recordExtension(plain('No', () => {}))).toThrow(extensionError(/lower-case/))
  })
})
