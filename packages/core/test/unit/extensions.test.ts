import { inspect } from 'node:util'
import { connect, DruidError } from '@druid/core'
import {
  type AnyExtension,
  defineExtension,
  type ExtensionHost,
  fromModule,
  type RegistrationContext,
  recordExtension,
  renamed,
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
        warnings: [],
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

describe('druid.extension(definition)', () => {
  const options = defineExtension({
    name: 'options',
    setup: (context: RegistrationContext<string>) => {
      const said = context.options
      return context.define({
        client: class {
          readonly said = said
        },
      })
    },
  })

  it('finds what was made from it, of several the one of its name', () => {
    const two = renamed(options.with('two'), 'two')
    for (const druid of [
      connect(URL_OF_DRUID, { extensions: [two, options.with('one')] }),
      connect(URL_OF_DRUID, { extensions: [options.with('one'), two] }),
    ]) {
      expect(druid.extension(options).said).toBe('one')
      expect(druid.extension(two).said).toBe('two')
    }
    const only = connect(URL_OF_DRUID, { extensions: [two] })
    expect(only.extension(options).said).toBe('two')
  })

  it.each([undefined, null, 17, {}, () => {}, Symbol('x')])('refuses %s', (value) => {
    const druid = connect(URL_OF_DRUID, { extensions: [thing] })
    expect(() => druid.extension(value as never)).toThrow(
      expect.objectContaining({ code: 'EXTENSION' }),
    )
  })
})

describe('renamed()', () => {
  it('keeps what registers it, and takes options still', () => {
    class Said {
      readonly said: unknown
      constructor(_client: ExtensionHost, said?: unknown) {
        this.said = said
      }
    }
    const original = defineExtension({
      name: 'original',
      setup(context: RegistrationContext<string>) {
        const { options } = context
        return context.define({
          client: class extends Said {
            constructor(client: ExtensionHost) {
              super(client, options)
            }
          },
        })
      },
    })
    const bound = renamed(original, 'one').with('said')
    expect(bound.name).toBe('one')
    const druid = connect(URL_OF_DRUID, {
      extensions: [bound, renamed(original.with('other'), 'two'), renamed(bound, 'three')],
    })
    expect(druid.oneClient().said).toBe('said')
    expect(druid.twoClient().said).toBe('other')
    expect(druid.threeClient().said).toBe('said')
    expect('with' in renamed(thing, 'other')).toBe(false)
  })

  it('takes one that is an instance of a class', () => {
    class Whole {
      readonly '~druid' = { apiVersion: 1 }
      readonly name = 'whole'
      registerClient(context: RegistrationContext): void {
        context.client = Thing
      }
    }
    const druid = open([new Whole() as AnyExtension, renamed(new Whole() as AnyExtension, 'other')])
    expect(druid.wholeClient?.()).toBeInstanceOf(Thing)
    expect(druid.otherClient?.()).toBeInstanceOf(Thing)
  })
})

describe('fromModule()', () => {
  const registerClient = (context: RegistrationContext) => context.define({ client: Thing })
  const definition = { '~druid': { apiVersion: 1 }, name: 'found', registerClient }

  it.each<[string, object]>([
    ['a bare function', { registerClient }],
    ['CommonJS, as Node imports it', { default: { registerClient }, registerClient }],
    ['CommonJS that only has a default', { default: { registerClient } }],
    ['CommonJS that was compiled', { default: { default: { registerClient }, __esModule: true } }],
    ['a default that is something else', { default: class Other {}, registerClient }],
    ['a definition', { default: definition, registerClient }],
    ['a definition that was compiled', { default: { default: definition } }],
  ])('takes %s', (_, module) => {
    const druid = open([fromModule('found', module)])
    expect(druid.foundClient?.()).toBeInstanceOf(Thing)
  })

  it('leaves a definition its name, also one that was compiled', () => {
    for (const module of [{ default: definition }, { default: { default: definition } }]) {
      expect(fromModule('other', module)).toBe(definition)
    }
  })

  it.each<[string, object]>([
    ['nothing', {}],
    ['a default that is null', { default: null }],
    ['a default that is a class', { default: class {} }],
    ['something else of that name', { registerClient: 17 }],
  ])('of a module with %s does not fail while a list is made; connect reports it', (_, module) => {
    const extension = fromModule('empty', module)
    const druid = open([extension, thing])
    expect(druid.extensions().map(({ name, status }) => `${name} ${status}`)).toEqual([
      'thing active',
      'empty failed',
    ])
    expect(druid.extensions()[1]?.error?.message).toContain('no function registerClient')
  })
})

describe('a list', () => {
  it('with a comma too many works, and says so', () => {
    // biome-ignore lint/suspicious/noSparseArray: the mistake itself
    const druid = open([, thing] as unknown as AnyExtension[])
    expect(druid.thingClient?.()).toBeInstanceOf(Thing)
    expect(druid.extensions()[1]).toMatchObject({ name: '<undefined>', status: 'failed' })
  })
})

describe('extensionOptions', () => {
  it('that are none are refused', () => {
    for (const extensionOptions of [null, 17, 'imply', []]) {
      expect(() => open([thing], { extensionOptions })).toThrow(
        expect.objectContaining({ code: 'CONFIG', option: 'extensionOptions' }),
      )
    }
  })

  it('for an extension that is not there are warned of, and refused where failures throw', () => {
    const warn = vi.spyOn(process, 'emitWarning').mockReturnValue(undefined)
    const extensionOptions = { thng: { a: 1 }, thing: {} }
    open([thing], { extensionOptions, onExtensionError: 'warn' })
    expect(warn.mock.calls).toEqual([
      [
        expect.stringMatching(/extensionOptions has "thng", .*\(there is "thing"\)/),
        'DruidExtensionWarning',
      ],
    ])
    // Not the same again, of which there would be no second warning.
    open([thing], { extensionOptions: { quiet: 1 }, onExtensionError: 'silent' })
    const off = { root: undefined, extensions: [], reports: [] }
    open([thing], { extensionOptions: { off: 1 }, onExtensionError: 'warn', discovered: off })
    expect(warn).toHaveBeenCalledOnce()
    expect(() => open([thing], { extensionOptions, onExtensionError: 'throw' })).toThrow(
      expect.objectContaining({ code: 'CONFIG', option: 'extensionOptions' }),
    )
    warn.mockRestore()
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

  it('whose constructor throws an error of the library is an error of the extension, too', () => {
    class Careful {
      constructor() {
        throw new DruidError('CONFIG', 'no region', { option: 'region' })
      }
    }
    const careful = defineExtension({ name: 'careful', client: Careful })
    const druid = connect(URL_OF_DRUID, { extensions: [careful] })
    expect(() => druid.carefulClient()).toThrow(
      expect.objectContaining({
        code: 'EXTENSION',
        extension: 'careful',
        cause: expect.objectContaining({ code: 'CONFIG', option: 'region' }),
      }),
    )
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
    const other = new Thing(druid)
    Object.assign(druid, { thingClient: () => other })
    expect(druid.thingClient()).toBe(other)
  })

  it('works without its object, and through a proxy', () => {
    const druid = connect(URL_OF_DRUID, { extensions: [thing] })
    const { thingClient } = druid
    expect(thingClient()).toBe(druid.thingClient())
    expect(new Proxy(druid, {}).thingClient()).toBe(druid.thingClient())
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
  for (const value of Object.values(reports[0] ?? {})) expect(Object.isFrozen(value)).toBe(true)
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
