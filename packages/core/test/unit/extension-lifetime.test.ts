import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { connect } from '@druid/core'
import { defineExtension } from '@druid/core/extension'
import { describe, expect, it } from 'vitest'
import { URL_OF_DRUID } from './plain-extension.ts'

describe('an instance', () => {
  it('is one, however many ask for it first at once', async () => {
    let made = 0
    class Counted {
      constructor() {
        made += 1
      }
    }
    const counted = defineExtension({ name: 'counted', client: Counted })
    const druid = connect(URL_OF_DRUID, { extensions: [counted] })
    const all = await Promise.all(
      Array.from({ length: 1_000 }, async (_, i) => {
        if (i % 2 === 0) await Promise.resolve()
        return (i % 3 === 0 ? druid.with({}) : druid).countedClient()
      }),
    )
    expect(new Set(all).size).toBe(1)
    expect(made).toBe(1)
  })

  it.each<[string, () => object]>([
    ['a promise', () => Promise.resolve(1)],
    ['a promise that rejects', () => Promise.reject(new Error('x')).catch(() => {})],
    ['a function', () => () => 1],
    [
      'a proxy',
      () => new Proxy({}, { get: (_, key) => (key === Symbol.dispose ? undefined : key) }),
    ],
  ])('is what its constructor returned, also %s', (_, make) => {
    class Returning {
      constructor() {
        // biome-ignore lint/correctness/noConstructorReturn: it is what an extension may do
        return make()
      }
    }
    const druid = connect(URL_OF_DRUID, {
      extensions: [defineExtension({ name: 'returning', client: Returning })],
    })
    expect(druid.returningClient()).toBe(druid.returningClient())
  })
})

it('a module that was loaded again gives its new classes to new connections only', () => {
  const load = (version: number) =>
    defineExtension({
      name: 'hot',
      client: class {
        readonly version = version
      },
    })
  const before = connect(URL_OF_DRUID, { extensions: [load(1)] })
  expect(before.hotClient().version).toBe(1)
  const after = connect(URL_OF_DRUID, { extensions: [load(2)] })
  expect(after.hotClient().version).toBe(2)
  expect(before.hotClient().version).toBe(1)
})

const COLLECTED = `
  import { connect } from '@druid/core'
  import { defineExtension } from '@druid/core/extension'
  class Kept { constructor(client) { this.client = client } [Symbol.dispose]() {} }
  const kept = defineExtension({
    name: 'kept',
    setup(context) {
      context.onClose(() => {})
      return context.define({ client: Kept, clusterMethods: { kept: Kept } })
    },
  })
  const collected = async (ref) => {
    // A look at it keeps it alive for the job: never look in one that collects.
    for (let i = 0; i < 5; i += 1) {
      await new Promise((resolve) => setTimeout(resolve, 5))
      globalThis.gc()
    }
    await new Promise((resolve) => setTimeout(resolve, 5))
    return ref.deref() === undefined
  }
  // Functions of their own, so that no frame holds what they made.
  const open = () => connect('http://druid:8888', { extensions: [kept] })
  const instanceOf = (druid) => new WeakRef(druid.keptClient())
  const closed = async () => {
    const druid = open()
    const instance = instanceOf(druid)
    await druid.close()
    return { druid, instance }
  }
  const dropped = async () => new WeakRef((await closed()).druid)
  const derived = () => new WeakRef(open().with({ signal: new AbortController().signal }))
  const { druid, instance } = await closed()
  const gone = [await collected(instance), await collected(await dropped()), await collected(derived())]
  await druid.close()
  console.log(JSON.stringify(gone))
`

it('what extensions made can be collected after close, and a client after it was dropped', async () => {
  const argv = ['--expose-gc', '--input-type=module', '--eval', COLLECTED]
  const { stdout } = await promisify(execFile)(process.execPath, argv, { cwd: import.meta.dirname })
  expect(JSON.parse(stdout)).toEqual([true, true, true])
})
