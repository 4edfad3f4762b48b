import { inspect } from 'node:util'
import { connect, type DiscoverySet, isExtensionError } from '@druid/core'
import {
  type AnyExtension,
  defineExtension,
  type ExtensionHost,
  type RegistrationContext,
  renamed,
} from '@druid/core/extension'
import { describe, expect, it, vi } from 'vitest'

const URL_OF_DRUID = 'http://druid:8888'

class Thing {
  readonly client: ExtensionHost
  constructor(client: ExtensionHost) {
    this.client = client
  }
}
class OtherThing extends Thing {}

const thing = defineExtension({ name: 'thing', client: Thing })

/** An extension as plain JavaScript has it: a name and a function. */
function plain(
  name: string,
  registerClient: (context: RegistrationContext) => unknown,
  apiVersion: unknown = 1,
): AnyExtension {
  return { '~druid': { apiVersion }, name, registerClient } as unknown as AnyExtension
}

/** The client with whatever methods it has. */
type Open = ReturnType<typeof connect> & Record<string, () => unknown>
function open(extensions: readonly AnyExtension[], options: object = {}): Open {
  return connect(URL_OF_DRUID, {
    extensions,
    onExtensionError: 'silent',
    ...options,
  }) as unknown as Open
}

/** The one report of an extension that failed. */
function failure(extension: AnyExtension): string {
  const reports = open([extension]).extensions()
  expect(reports).toHaveLength(1)
  expect(reports[0]).toMatchObject({ status: 'failed', methods: [], roles: [] })
  expect(isExtensionError(reports[0]?.error)).toBe(true)
  return reports[0]?.error?.message ?? ''
}

const extensionError = (text: string | RegExp): object =>
  expect.objectContaining({ code: 'EXTENSION', message: expect.stringMatching(text) })

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
    expect(druid.with({ context: { a: 1 } }).countedClient()).toBe(one)
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

describe('an extension fails', () => {
  it.each<[string, AnyExtension, RegExp]>([
    ['upper case', plain('Thing', () => {}), /lower-case words joined by single dashes/],
    ['an underscore', plain('a_b', () => {}), /lower-case/],
    ['two dashes', plain('a--b', () => {}), /lower-case/],
    ['a dash at the end', plain('a-', () => {}), /lower-case/],
    ['a digit first', plain('1a', () => {}), /lower-case/],
    ['no name', plain('', () => {}), /lower-case/],
    ['a name that is no string', plain(17 as unknown as string, () => {}), /lower-case/],
  ])('with %s in its name', (_, extension, why) => {
    expect(failure(extension)).toMatch(why)
  })

  it.each<[string, unknown]>([
    ['2', 2],
    ['0', 0],
    ['1.5', 1.5],
    ['undefined', undefined],
    ['1', '1'],
  ])('built for extension API %s', (said, apiVersion) => {
    const extension = plain('a', () => {}, apiVersion)
    if (apiVersion === undefined) Object.assign(extension, { '~druid': {} })
    expect(failure(extension)).toContain(
      `was built for extension API ${said}, and this version of @druid/core offers 1`,
    )
  })

  it.each<[string, unknown]>([
    ['undefined', undefined],
    ['null', null],
    ['a string', 'thing'],
    ['the class itself', Thing],
    ['an object without registerClient', { '~druid': { apiVersion: 1 }, name: 'a' }],
  ])('that is %s', (_, value) => {
    failure(value as AnyExtension)
  })

  it('when registerClient throws, with the cause', () => {
    const cause = new Error('cannot read the licence')
    const druid = open([
      plain('a', () => {
        throw cause
      }),
    ])
    expect(druid.extensions()[0]?.error).toMatchObject({
      message: 'extension "a": registerClient failed: cannot read the licence',
      cause,
    })
  })

  it('when registerClient is asynchronous, also if that fails', async () => {
    expect(failure(plain('a', async () => {}))).toContain('returned a promise')
    expect(
      failure(
        plain('b', async () => {
          throw new Error('would be unhandled')
        }),
      ),
    ).toContain('returned a promise')
    await new Promise((resolve) => setTimeout(resolve, 5))
  })

  it.each<[string, unknown, RegExp]>([
    ['an instance', new (class {})(), /client must be a class, and is a value of type object/],
    ['an arrow function', () => {}, /a function that cannot be called with new/],
    ['an async function', async () => {}, /cannot be called with new/],
    ['a method', { a() {} }.a, /cannot be called with new/],
    ['a generator', function* () {}, /cannot be called with new/],
    ['a string', 'Thing', /type string/],
    ['null', null, /type object/],
  ])('when its client is %s', (_, value, why) => {
    const extension = plain('a', (context) => {
      context.client = value as never
    })
    expect(failure(extension)).toMatch(why)
  })

  it.each<[string, object, RegExp]>([
    ['role that is no class', { roles: { talaria: {} } }, /roles\.talaria must be a class/],
    ['role with a space', { roles: { 'a b': Thing } }, /roles: "a b" cannot be a name/],
    ['role without a name', { roles: { '': Thing } }, /roles: "" cannot be a name/],
    ['list of roles', { roles: [Thing] }, /roles must be an object/],
    ['text for roles', { roles: 'talaria' }, /roles must be an object/],
    ['method that is no class', { clusterMethods: { a: () => {} } }, /clusterMethods\.a must be/],
    ['method then', { clusterMethods: { ['then' as string]: Thing } }, /"then" cannot be a name/],
    ['method toString', { clusterMethods: { toString: Thing } }, /"toString" cannot be a name/],
    ['method toJSON', { clusterMethods: { toJSON: Thing } }, /"toJSON" cannot be a name/],
    ['method with a dash', { clusterMethods: { 'a-b': Thing } }, /"a-b" cannot be a name/],
    ['cluster that is no class', { cluster: {} }, /cluster must be a class/],
    ['empty summary', { summary: '' }, /summary must be a string/],
    ['summary that is no string', { summary: 17 }, /summary must be a string/],
  ])('with a %s', (_, fields, why) => {
    expect(failure(plain('a', (context) => Object.assign(context, fields)))).toMatch(why)
    expect(failure(plain('a', (context) => context.define(fields as never)))).toMatch(why)
  })

  it('with a field that nobody knows, naming the nearest', () => {
    expect(failure(plain('a', (context) => Object.assign(context, { clients: Thing })))).toMatch(
      /no option "clients"; did you mean "client"/,
    )
    expect(failure(plain('a', (context) => context.define({ role: {} } as never)))).toMatch(
      /did you mean "roles"/,
    )
  })

  it('and leaves nothing behind', () => {
    const druid = open([
      plain('half', (context) => {
        context.client = Thing
        context.roles = { talaria: Thing as never }
        throw new Error('in the middle')
      }),
      thing,
    ])
    expect(druid.thingClient?.()).toBeInstanceOf(Thing)
    expect(() => druid.halfClient?.()).toThrow(extensionError(/half.*is not active/))
  })

  it('to change its context later', () => {
    let kept: RegistrationContext | undefined
    const druid = open([
      plain('late', (context) => {
        kept = context
        context.client = Thing
      }),
    ])
    expect(() => {
      ;(kept as RegistrationContext).client = OtherThing
    }).toThrow(TypeError)
    expect(() => kept?.define({ client: OtherThing })).toThrow(
      extensionError(/registration is over/),
    )
    expect(druid.lateClient?.()).not.toBeInstanceOf(OtherThing)
  })

  it('and its method says why', () => {
    const druid = open([
      plain('imply', () => {
        throw new Error('no licence')
      }),
    ])
    for (const call of [() => druid.implyClient?.(), () => druid.extension('imply')]) {
      expect(call).toThrow(
        expect.objectContaining({
          code: 'EXTENSION',
          extension: 'imply',
          message: expect.stringContaining('extension "imply": is not active on this connection'),
          cause: expect.objectContaining({ message: expect.stringContaining('no licence') }),
        }),
      )
    }
    expect(Object.keys(druid)).toEqual([])
    expect(() => (druid.with({}) as Open).implyClient?.()).toThrow(extensionError(/not active/))
  })
})

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

it('reports cannot be changed', () => {
  const reports = connect(URL_OF_DRUID, { extensions: [thing] }).extensions()
  expect(Object.isFrozen(reports)).toBe(true)
  expect(Object.isFrozen(reports[0])).toBe(true)
})
