import { defineExtension, type RegistrationContext } from '@druid/core/extension'
import * as format from '@druid/format/register'
import * as imply from '@druid/imply/register'
import { checkExtension } from '@druid/testing'
import { describe, expect, it, vi } from 'vitest'
import { problemsOf } from './package.ts'

type Body = (context: RegistrationContext) => unknown

/** A module with that registerClient, and what is found in it. */
const found = (body: Body, options?: object): Promise<string[]> =>
  problemsOf({ registerClient: body }, options)

const one = (message: RegExp): unknown[] => [expect.stringMatching(message)]

describe('an imported module', () => {
  it('or a definition passes as its package does', async () => {
    expect(await checkExtension(imply)).toEqual([])
    expect(await checkExtension(imply.default)).toEqual([])
    expect(await checkExtension(format)).toEqual([])
    expect(await checkExtension({ ...imply, default: { default: imply.default } })).toEqual([])
  })

  it('is left as it was, and so is the process', async () => {
    const { fetch, setTimeout } = globalThis
    const write = process.stdout.write
    await found(() => {
      globalThis.fetch = async () => new Response()
    })
    expect(globalThis.fetch).toBe(fetch)
    expect(globalThis.setTimeout).toBe(setTimeout)
    expect(process.stdout.write).toBe(write)
  })

  it.each<[string, object | null, RegExp]>([
    ['none', null, /the target is null/],
    ['a promise', Promise.resolve(imply), /a promise; write await import/],
  ])('%s is refused', async (_, target, message) => {
    await expect(checkExtension(target as object)).rejects.toMatchObject({
      code: 'CONFIG',
      option: 'target',
      message: expect.stringMatching(message),
    })
  })

  it('that cannot be read is refused', async () => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    await expect(checkExtension(proxy)).rejects.toMatchObject({ code: 'CONFIG' })
  })
})

describe('R4', () => {
  it.each([
    ['nothing', {}],
    ['something else of that name', { registerClient: 'imply' }],
  ])('finds a module that exports %s', async (_, module) => {
    expect(await problemsOf(module)).toEqual(
      one(/^R4 error: it exports no function registerClient/),
    )
  })

  it('finds a registerClient that only the default export has', async () => {
    const problems = await problemsOf({ default: imply.default })
    expect(problems).toEqual(one(/^R4 error: it does not export registerClient itself/))
  })
})

describe('R5', () => {
  it('finds what registering reaches for, and keeps it from it', async () => {
    const request = vi.spyOn(globalThis, 'fetch')
    const problems = await found(() => {
      fetch('http://localhost:9/').catch(() => {})
    })
    expect(problems).toEqual(one(/^R5 error: registerClient calls fetch\("http:\/\/localhost:9\/"/))
    expect(request).not.toHaveBeenCalled()
    request.mockRestore()
  })

  it('finds a timer', async () => {
    const timers: NodeJS.Timeout[] = []
    const problems = await found(() => {
      timers.push(setInterval(() => {}, 1000))
    })
    timers.forEach(clearInterval)
    expect(problems).toContainEqual(
      expect.stringMatching(/^R5 error: registerClient leaves a timer/),
    )
  })
})

describe('R6', () => {
  it.each<[string, number, RegExp]>([
    ['second', 3, /not on a second one beside it: .*registered already/],
    ['later', 4, /not again after that was closed: .*registered already/],
  ])('finds a registration that fails on a %s connection', async (_, last, message) => {
    let done = 0
    const problems = await found(() => {
      done += 1
      if (done >= last) throw new Error('registered already')
    })
    expect(problems).toContainEqual(expect.stringMatching(/^R6 error/))
    expect(problems.join('\n')).toMatch(message)
    expect(problems.filter((it) => !it.startsWith('R6'))).toEqual([])
  })

  it('finds a registration that works once in a process', async () => {
    let isDone = false
    const problems = await found(() => {
      if (isDone) throw new Error('registered already')
      isDone = true
    })
    expect(problems).toEqual(
      one(/^R6 error: it registers once, .*registered already; keep nothing/),
    )
  })

  it('finds a registration that differs', async () => {
    let done = 0
    const problems = await found((context) => {
      done += 1
      context.summary = `Ranger ${done}`
    })
    expect(problems).toEqual(one(/^R6 error: it registers something else on a second connection/))
  })

  it('finds a role whose instances are shared', async () => {
    const shared = {}
    class Audit {
      constructor() {
        // biome-ignore lint/correctness/noConstructorReturn: that is the mistake
        return shared
      }
    }
    const audit = defineExtension({ name: 'audit', roles: { audit: Audit } })
    expect(await problemsOf(audit)).toContainEqual(
      expect.stringMatching(
        /^R6 error: cluster\(\)\.auditClient\(\) gives two connections the same/,
      ),
    )
  })
})

class Thing {}

describe('R10', () => {
  it.each(['Ranger', 'a b', '__proto__', 'constructor-', 'r'.repeat(10_000)])(
    'finds the name %.20s',
    async (name) => {
      const problems = await problemsOf({ ...imply.default, name })
      expect(problems).toEqual(one(/^R10 error: .*lower-case words joined by single dashes/))
      expect(problems[0]?.length).toBeLessThan(1100)
    },
  )

  it.each<[string, Body, RegExp]>([
    [
      'a role of 10,000 letters',
      (context) => {
        context.roles = { ['a'.repeat(10_000)]: Thing }
      },
      /cannot be a name there/,
    ],
    [
      'a method that makes the cluster a promise',
      (context) => {
        context.clusterMethods = { then: Thing }
      },
      /"then" cannot be a name there/,
    ],
    [
      'two roles of one method',
      (context) => {
        context.roles = { 'a-b': Thing, a_b: Thing }
      },
      /already taken by another role/,
    ],
    [
      'a client that is no class',
      (context) => {
        context.client = (() => {}) as never
      },
      /client must be a class/,
    ],
    [
      'a field that nobody knows',
      (context) => {
        Object.assign(context, { rolls: {} })
      },
      /no option "rolls"; did you mean "roles"/,
    ],
    ['a promise', async () => {}, /returned a promise.*on its first call$/],
    [
      'an error',
      () => {
        throw new Error('no luck')
      },
      /registerClient failed: no luck; options that it needs/,
    ],
  ])('finds %s', async (_, body, message) => {
    const problems = await found(body)
    expect(problems).toEqual(one(/^R10 error: /))
    expect(problems[0]).toMatch(message)
  })
})

describe('R11', () => {
  it.each<[string, Body, RegExp]>([
    [
      'a request to a service',
      (context) => {
        context.roles = {
          audit: class {
            constructor(service: { request(method: string, path: string): unknown }) {
              service.request('GET', '/status')
            }
          },
        }
      },
      /making cluster\(\)\.auditClient\(\) sends GET \/status to a server of the role audit/,
    ],
    [
      'a call to another node',
      (context) => {
        context.clusterMethods = {
          audit: class {
            // biome-ignore lint/suspicious/noExplicitAny: a client with a cluster
            constructor(client: any) {
              client.cluster().coordinatorClient().loadStatus()
            }
          },
        }
      },
      /making cluster\(\)\.audit\(\) calls cluster\(\)\.coordinatorClient\(\)\.loadStatus\(\)/,
    ],
    [
      'a file',
      (context) => {
        context.client = class {
          constructor() {
            process.getBuiltinModule('node:fs').mkdirSync('/nowhere/at/all')
          }
        }
      },
      /making checkedClient\(\) writes files \(mkdirSync "\/nowhere\/at\/all"\)/,
    ],
    [
      'an error',
      (context) => {
        context.client = class {
          constructor() {
            throw new Error('no key')
          }
        }
      },
      /making checkedClient\(\) failed: no key; options that it needs/,
    ],
    [
      'an extension that it does not require',
      (context) => {
        context.client = class {
          constructor(client: { extension(name: string): unknown }) {
            client.extension('imply')
          }
        }
      },
      /extension "imply": is not registered on this connection/,
    ],
  ])('finds %s', async (_, body, message) => {
    const problems = await found(body)
    expect(problems).toEqual(one(/^R11 error: /))
    expect(problems[0]).toMatch(message)
  })

  it('lets a constructor ask for what it requires', async () => {
    const seen: unknown[] = []
    const problems = await found((context) => {
      context.requires = { extensions: ['imply', 'cluster'] }
      context.client = class {
        // biome-ignore lint/suspicious/noExplicitAny: whatever the required ones add
        constructor(client: any) {
          seen.push(client.extension('imply').options.anything())
          seen.push(client.cluster().coordinatorClient())
        }
      }
    })
    expect(problems).toEqual([])
    expect(seen.length).toBeGreaterThan(0)
  })

  it('gives it the options that it needs', async () => {
    const body: Body = (context) => {
      const { onSlow } = context.options as { onSlow: () => void }
      context.onClose(onSlow)
    }
    const onSlow = vi.fn()
    expect(await found(body, { options: { onSlow } })).toEqual([])
    expect(onSlow).toHaveBeenCalled()
  })
})

describe('R12', () => {
  it('finds a disposal that fails', async () => {
    const problems = await found((context) => {
      context.client = class {
        [Symbol.dispose](): void {
          throw new Error('stuck')
        }
      }
    })
    expect(problems).toEqual(one(/^R12 error: closing the connection fails: .*stuck/))
  })

  it('finds a listener that stays', async () => {
    const listener = (): void => {}
    const problems = await found((context) => {
      context.client = class {
        constructor() {
          process.on('SIGHUP', listener)
        }
      }
    })
    process.removeAllListeners('SIGHUP')
    expect(problems).toEqual(one(/^R12 error: .* still a listener for "SIGHUP" on process/))
  })
})

it('R13 finds a change to what everybody uses, and takes it back', async () => {
  const problems = await found(() => {
    Object.assign(Array.prototype, { last: 1 })
  })
  expect(problems).toEqual(one(/^R13 error: registerClient adds Array\.prototype\.last/))
  expect('last' in []).toBe(false)
})

describe('options', () => {
  it.each<[string, object, RegExp]>([
    ['that nobody knows', { core: [] }, /no option "core"; did you mean "cores"/],
    ['cores that are no list', { cores: '/core' }, /cores must be a list/],
    ['a timeout that is none', { timeout: 0 }, /timeout must be a number of milliseconds/],
    ['a compiler that is no path', { typescript: {} }, /typescript must be the folder/],
  ])('%s are refused', async (_, options, message) => {
    await expect(checkExtension(imply, options)).rejects.toMatchObject({
      code: 'CONFIG',
      message: expect.stringMatching(message),
    })
  })
})
