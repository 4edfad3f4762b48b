import { connect } from '@druid/core'
import { discover } from '@druid/core/discover'
import { type AnyExtension, type RegistrationContext, recordExtension } from '@druid/core/extension'
import { describe, expect, it } from 'vitest'
import { application, installed } from './application.ts'
import { fakeCluster } from './fake-cluster.ts'
import { open, plain, Thing, thing } from './plain-extension.ts'

const LONG = 'a'.repeat(10_000)
/** Each looks like a name, or acts somewhere: on objects, on promises, on terminals. */
const WEAPONS: readonly [string, string][] = [
  ['__proto__', '__proto__'],
  ['nothing', ''],
  ['10 kB', LONG],
  ['10 kB of spaces', ' '.repeat(10_000)],
  ['Cyrillic letters that look Latin', '\u0456m\u0440ly'],
  ['full-width letters', '\uff49mply'],
  ['an invisible character', 'imp\u200bly'],
  ['text that runs backwards', '\u202eylpmi'],
  ['a combining mark', 'i\u0301mply'],
  ['an escape sequence of a terminal', '\u001b[2Jimply'],
  ['a line feed', 'imply\nextension "other": fine'],
  ['half a character', 'imply\ud800'],
  ['a path', '../imply'],
  ['a prototype of another kind', 'constructor.prototype'],
]
/** The error says it in one line of printable characters, whatever it was given. */
function expectReadable(message: string): void {
  expect(message.length).toBeLessThan(500)
  expect(message).toMatch(/^[\x20-\x7e…→]*$/)
}

function failure(extension: AnyExtension): string {
  const [report] = open([fakeCluster, extension, thing]).extensions().slice(-1)
  expect(report).toMatchObject({ status: 'failed' })
  const message = report?.error?.message ?? ''
  expectReadable(message)
  expect(() => recordExtension(extension)).toThrow(message)
  return message
}

const registering = (setup: (context: RegistrationContext) => void): AnyExtension =>
  plain('weapon', setup)

describe.each(WEAPONS)('a name that is %s', (_, name) => {
  it('is refused as that of an extension', () => {
    expect(failure(plain(name, () => {}))).toContain('lower-case words joined by single dashes')
    const druid = open([plain(name, () => {}), thing])
    expect(druid.thingClient?.()).toBeInstanceOf(Thing)
    expect(() => druid.extension(name)).toThrow(
      expect.objectContaining({
        code: 'EXTENSION',
        message: expect.stringMatching(/^[\x20-\x7e…]*$/),
      }),
    )
  })

  it.each<[string, (context: RegistrationContext) => void]>([
    ['a role', (c) => Object.assign(c, { roles: Object.fromEntries([[name, Thing]]) })],
    ['a role, in a Map', (c) => Object.assign(c, { roles: new Map([[name, Thing]]) })],
    [
      'a cluster method',
      (c) => Object.assign(c, { clusterMethods: Object.fromEntries([[name, Thing]]) }),
    ],
    ['a formatter', (c) => c.formatter(name, { mediaType: 'x', async *format() {} })],
    [
      'a formatter that is defined',
      (c) => {
        c.define({
          formatters: Object.fromEntries([[name, { mediaType: 'x', async *format() {} }]]),
        })
      },
    ],
    ['a codec', (c) => c.codec(name, { decode: String })],
    ['an authentication', (c) => c.auth(name, () => () => ({}))],
    ['something required', (c) => Object.assign(c, { requires: { extensions: [name] } })],
    ['a requirement', (c) => Object.assign(c, { requires: Object.fromEntries([[name, '>=1']]) })],
    ['a version', (c) => Object.assign(c, { requires: { druid: `${name}!` } })],
    ['a phase', (c) => c.use((r, next) => next(r), { phase: (name || 'x') as 'early' })],
    ['a hook', (c) => c.queries(Object.fromEntries([[name, () => undefined]]) as never)],
    [
      'a field of the context',
      (c) => void Object.defineProperty(c, name, { value: 1, enumerable: true }),
    ],
  ])('is refused as that of %s, and nothing else is touched', (_what, setup) => {
    failure(registering(setup))
    expect(Object.getPrototypeOf({})).toBe(Object.prototype)
    expect(({} as Record<string, unknown>)[name]).toBe(
      name === '__proto__' ? Object.prototype : undefined,
    )
  })
})

it.each<[string, object]>([
  ['longer than 10 kB', { '~druid': { apiVersion: LONG }, name: 'a', registerClient() {} }],
  ['an object', { '~druid': { apiVersion: { [LONG]: 1 } }, name: 'a', registerClient() {} }],
])('an apiVersion that is %s is refused in a short message', (_, extension) => {
  expectReadable(failure(extension as AnyExtension))
})

it('the look-alike of a name is shown by the numbers of its characters', () => {
  expect(failure(plain('\u0456mply', () => {}))).toContain('extension "\\u0456mply"')
})

it.each(['then', 'catch', 'finally', 'toJSON', 'prototype', 'constructor', 'toString', 'valueOf'])(
  'a cluster method "%s" is refused; a role of that name is a client like any other',
  async (name) => {
    const method = registering((context) => {
      context.clusterMethods = Object.fromEntries([[name, Thing]])
    })
    expect(failure(method)).toContain('cannot be a name there')
    const role = registering((context) => {
      context.roles = Object.fromEntries([[name, Thing as never]])
    })
    const druid = open([fakeCluster, role]) as unknown as {
      cluster(): Record<string, () => object>
    }
    const cluster = druid.cluster()
    expect(cluster[`${name}Client`]?.()).toBeInstanceOf(Thing)
    expect(await cluster).toBe(cluster)
    expect(String(cluster)).toBe('[object Object]')
  },
)

it('a cluster method "cluster" never replaces a member of the cluster', () => {
  class Own {
    cluster(): string {
      return 'its own'
    }
    async refresh(): Promise<void> {}
    serviceHost(): never {
      throw new Error('unused')
    }
    async serviceHosts(): Promise<[]> {
      return []
    }
  }
  const provider = plain('provider', (context) => {
    context.cluster = Own
  })
  const method = registering((context) => {
    context.clusterMethods = { cluster: Thing }
  })
  const druid = open([provider, method]) as unknown as { cluster(): Own }
  expect(druid.cluster().cluster()).toBe('its own')
  const [, report] = open([provider, method]).extensions()
  expect(report?.error?.message).toContain(
    'cluster.cluster() is already taken by the cluster itself',
  )
})

describe('a discovered package', () => {
  it.each([
    ['is called like a member of every object', '__proto__'],
    ['is called like another in other letters', 'druid-\u0456mply'],
    ['is called with an escape sequence', 'druid-\u001b[2Jx'],
  ])('that %s is reported or nothing, and the others work', async (_, name) => {
    const json = `{"name": "app", "dependencies": {${JSON.stringify(name)}: "1", "druid-good": "1"}}`
    const files = { ...installed('druid-good'), ...installed(name), 'package.json': json }
    const root = await application([], files)
    const set = await discover({ from: root })
    expect(set.extensions.map(({ extension }) => extension.name)).toEqual(['good'])
    for (const { error } of set.reports) {
      expect(error?.message).toContain('this is no name for an extension')
    }
    const druid = connect('http://druid:8888', { discovered: set, onExtensionError: 'silent' })
    expect(druid.extension('good')?.constructor.name).toBe('Found')
  })

  it.each([LONG, '__proto__', 'then', '\u0456mply', 17, null])(
    'that says it is called %.20s',
    async (extension) => {
      const root = await application(['ext'], installed('ext', { druid: { extension } }))
      const set = await discover({ from: root })
      const ok = extension === 'then' || typeof extension !== 'string'
      expect(set.extensions.length).toBe(ok ? 1 : 0)
      for (const { error } of set.reports) expect(error?.message.length).toBeLessThan(600)
    },
  )
})
