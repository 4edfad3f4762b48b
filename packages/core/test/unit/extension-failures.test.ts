import { isExtensionError } from '@druid/core'
import type { AnyExtension, RegistrationContext } from '@druid/core/extension'
import { describe, expect, it } from 'vitest'
import {
  extensionError,
  type Open,
  OtherThing,
  open,
  plain,
  Thing,
  thing,
} from './plain-extension.ts'

/** The one report of an extension that failed. */
function failure(extension: AnyExtension): string {
  const reports = open([extension]).extensions()
  expect(reports).toHaveLength(1)
  expect(reports[0]).toMatchObject({ status: 'failed', methods: [], roles: [] })
  expect(isExtensionError(reports[0]?.error)).toBe(true)
  return reports[0]?.error?.message ?? ''
}

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
