import { cluster } from '@druid/cluster'
import {
  type AnyExtension,
  type DruidError,
  defineExtension,
  type ExtensionHost,
  isDruidError,
  sleep,
} from '@druid/core/extension'
import { imply } from '@druid/imply'
import { describeExtension } from '@druid/testing'
import { describe, expect, it } from 'vitest'

/** A call of the client of the extension `bad`. */
const calling = (method: string) => (druid: unknown) =>
  (druid as { badClient(): Record<string, () => unknown> }).badClient()[method]?.()

type Options = Omit<Parameters<typeof describeExtension>[1], 'describe' | 'it'>

/** Runs the suite by itself: test → what it failed with. */
async function failures(extension: AnyExtension, options: Options = {}): Promise<string[]> {
  const tests: [string, () => void | Promise<void>][] = []
  describeExtension(extension, {
    describe: (_, body) => body(),
    it: (name, body) => tests.push([name, body]),
    ...options,
  } as Parameters<typeof describeExtension>[1])
  const failed: string[] = []
  for (const [name, body] of tests) {
    try {
      await body()
    } catch (error) {
      failed.push(`${name}: ${(error as Error).message}`)
    }
  }
  return failed
}

class Host {
  readonly client: ExtensionHost
  constructor(client: ExtensionHost) {
    this.client = client
  }
}

function unreadable(): AnyExtension {
  return {
    get name(): string {
      throw new Error('not today')
    },
  } as AnyExtension
}

/** A suite that cannot fail shows nothing: each of these must, and say why. */
describe('describeExtension() finds', () => {
  let shared = 0
  const only = {}
  /** Made by `new`, it is always the same. */
  function sharing(): object {
    return only
  }
  const BAD: [string, AnyExtension, RegExp, Options?][] = [
    [
      'one that does not register',
      defineExtension({
        name: 'bad',
        setup: () => {
          throw new Error('no luck')
        },
      }),
      /^registers: .*no luck/,
    ],
    [
      'a client that is no class',
      defineExtension({ name: 'bad', client: (() => {}) as never }),
      /^registers: .*must be a class/,
    ],
    ['what is no extension', 'imply' as never, /^registers: .*no extension/],
    ['what cannot be read', unreadable(), /^registers: .*it cannot be read/],
    ['a name that is none', defineExtension({ name: 'Bad' as 'bad' }), /^registers: .*lower-case/],
    [
      'one that needs another',
      defineExtension({ name: 'bad', requires: { extensions: ['imply'] } }),
      /requires extension "imply"/,
    ],
    [
      'a constructor that throws',
      defineExtension({
        name: 'bad',
        client: class {
          constructor() {
            throw new Error('not yet')
          }
        },
      }),
      /making badClient\(\) failed: not yet/,
    ],
    [
      'a registration that depends on how often it was run',
      defineExtension({
        name: 'bad',
        setup: (context) => {
          shared += 1
          context.summary = `number ${shared}`
        },
      }),
      /^registers the same each time/,
    ],
    [
      'a constructor that sends a request',
      defineExtension({
        name: 'bad',
        client: class {
          constructor(client: ExtensionHost) {
            client.request('GET', '/status').catch(() => {})
          }
        },
      }),
      /sent by constructors: expected \[\], got \["GET \/status"\]/,
    ],
    [
      'a constructor that fetches',
      defineExtension({
        name: 'bad',
        client: class {
          constructor() {
            fetch('http://elsewhere').catch(() => {})
          }
        },
      }),
      /what druid.badClient\(\) started: .*fetch\(http:\/\/elsewhere\)/,
    ],
    [
      'a constructor that starts a timer',
      defineExtension({
        name: 'bad',
        client: class {
          readonly timer = setInterval(() => {}, 1e6)
          constructor() {
            timers.push(this.timer)
          }
        },
      }),
      /started: expected \[\], got \["Timeout"\]/,
    ],
    [
      'one instance for all connections',
      defineExtension({
        name: 'bad',
        client: sharing as never,
      }),
      /is shared by two connections/,
    ],
    [
      'middleware that waits for ever',
      defineExtension({
        name: 'bad',
        setup: (context) =>
          context.use(async (request, next) => {
            if (request.method !== 'GET') return next(request)
            const reply = await next(request).catch(() => undefined)
            return reply ?? new Promise<never>(() => {})
          }),
      }),
      /druid.version\(\): it did not end within 200 ms/,
      { timeout: 200 },
    ],
    [
      'middleware that never recovers',
      defineExtension({
        name: 'bad',
        setup: (context) => {
          let broken = false
          context.use((request, next) => {
            if (broken) throw new Error('still broken')
            return next(request).catch((error: unknown) => {
              broken = true
              throw error
            })
          })
        },
      }),
      /is not in the way of an error.*still broken/,
    ],
    [
      'middleware that lets queries run on',
      defineExtension({
        name: 'bad',
        setup: (context) =>
          context.use((request, next) => {
            if (request.method === 'DELETE') throw new Error('no deleting')
            return next(request)
          }),
      }),
      /^lets a query end.*: what Druid still works on: expected \[\], got \["/,
    ],
    [
      'a call that hides that nothing was reached',
      defineExtension({
        name: 'bad',
        client: class extends Host {
          ping() {
            return this.client.version().catch(() => 'fine')
          }
        },
      }),
      /ping rejects .*it succeeded where nothing can be reached/,
      {
        calls: {
          ping: calling('ping'),
        },
      },
    ],
    [
      'a call with an error of its own',
      defineExtension({
        name: 'bad',
        client: class extends Host {
          ping() {
            return this.client.version().catch(() => {
              throw new TypeError('x is undefined')
            })
          }
        },
      }),
      /ping rejects .*no DruidError: x is undefined/,
      {
        calls: {
          ping: calling('ping'),
        },
      },
    ],
    [
      'a call that reads an error page as data',
      defineExtension({
        name: 'bad',
        client: class extends Host {
          async list() {
            const all = await this.client
              .request<unknown[]>('GET', '/status')
              .catch((error: DruidError) => {
                if (error.code === 'NOT_FOUND') return undefined as never
                throw error
              })
            return all.length
          }
        },
      }),
      /list ends in any trouble.*answered by an unknown path: it failed with an error that is no DruidError/,
      {
        calls: {
          list: calling('list'),
        },
      },
    ],
    [
      'a call that waits for ever',
      defineExtension({
        name: 'bad',
        client: class extends Host {
          async wait() {
            for (;;) {
              try {
                return await this.client.version()
              } catch (error) {
                if (!isDruidError(error, 'CONNECT')) throw error
                await sleep(10)
              }
            }
          }
        },
      }),
      /wait rejects .*did not end within 200 ms/,
      {
        timeout: 200,
        calls: {
          wait: calling('wait'),
        },
      },
    ],
    [
      'a formatter that fails at a null',
      defineExtension({
        name: 'bad',
        formatters: {
          x: {
            mediaType: 'text/plain',
            async *format(input) {
              for await (const batch of input)
                for (const row of batch) for (const value of row) yield (value as string).toString()
            },
          },
        },
      }),
      /^writes results as x: /,
    ],
    [
      'a formatter that fails without rows',
      defineExtension({
        name: 'bad',
        formatters: {
          x: {
            mediaType: 'text/plain',
            async *format(input) {
              let first: unknown
              for await (const batch of input) first ??= batch[0]
              yield String((first as unknown[]).length)
            },
          },
        },
      }),
      /^writes results as x: /,
    ],
    [
      'a codec that is asynchronous',
      defineExtension({
        name: 'bad',
        setup: (context) => context.codec('COMPLEX<x>', { decode: async (value) => value }),
      }),
      /^decodes COMPLEX<x>.*returned a promise/,
    ],
    [
      'a codec that cannot decode its samples',
      defineExtension({
        name: 'bad',
        setup: (context) =>
          context.codec('COMPLEX<x>', {
            decode: () => {
              throw new Error('version 7')
            },
          }),
      }),
      /each of the samples: version 7/,
      { samples: { 'COMPLEX<x>': ['AA=='] } },
    ],
    [
      'a mapper that answers no URL',
      defineExtension({ name: 'bad', setup: (context) => context.mapUrl(({ host }) => `${host}`) }),
      /^maps addresses.*druid.test/,
    ],
    [
      'a disposer that fails',
      defineExtension({
        name: 'bad',
        client: class {
          [Symbol.dispose]() {
            throw new Error('stuck')
          }
        },
      }),
      /^disposes of everything once.*stuck/,
    ],
    [
      'a closer that fails',
      defineExtension({
        name: 'bad',
        setup: (context) =>
          context.onClose(() => {
            throw new Error('stuck')
          }),
      }),
      /^closes without ever having been used.*stuck/,
    ],
    [
      'a role client of the wrong kind',
      defineExtension({
        name: 'bad',
        roles: {
          bar: sharing as never,
        },
      }),
      /shared by two connections/,
    ],
    [
      'a client that asks for a cluster method that is not there',
      defineExtension({
        name: 'bad',
        clusterMethods: {
          x: class {
            constructor(client: ExtensionHost) {
              ;(client as never as { cluster(): { coordinatorClient(): unknown } })
                .cluster()
                .coordinatorClient()
            }
          },
        },
      }),
      /making cluster\(\)\.x\(\) failed/,
    ],
  ]
  const timers: NodeJS.Timeout[] = []

  it.each(BAD)('%s', async (_what, extension, why, options) => {
    const found = await failures(extension, options)
    for (const timer of timers.splice(0)) clearInterval(timer)
    expect(found).toContainEqual(expect.stringMatching(why))
  })

  it('nothing in what is good', async () => {
    expect(await failures(imply, { with: [cluster] })).toEqual([])
  })
})

describe('describeExtension() refuses', () => {
  const good = { describe: () => {}, it: () => {} }
  it.each<[string, object, RegExp]>([
    ['an option that nobody knows', { ...good, extensions: [] }, /there is no option "extensions"/],
    ['to do without a runner', {}, /describe is a function/],
    ['a test function that is none', { ...good, it: undefined }, /it is a function/],
    ['a call that is none', { ...good, calls: { ping: true } }, /ping is a function/],
    ['one extension in the place of a list', { ...good, with: cluster }, /with is a list/],
    ['a time that is none', { ...good, timeout: 0 }, /timeout is a number/],
  ])('%s', (_, options, why) => {
    expect(() => describeExtension(imply, options as never)).toThrow(
      expect.objectContaining({ code: 'CONFIG', message: expect.stringMatching(why) }),
    )
  })
})
