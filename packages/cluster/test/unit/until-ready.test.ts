import { cluster } from '@druid/cluster'
import { connect } from '@druid/core'
import {
  type FakeDruidOptions,
  fakeDruid,
  noAnswer,
  reply,
  type ServerInput,
  unauthorized,
} from '@druid/testing'
import { describe, expect, it } from 'vitest'

const LED: readonly ServerInput[] = [
  { role: 'router' },
  { role: 'broker' },
  { role: 'coordinator' },
  { role: 'overlord' },
]
const sql = () => [{ EXPR$0: 1 }]
const opened = (options: FakeDruidOptions, given = {}) => {
  const druid = fakeDruid({ sql: [['SELECT 1', sql()]], ...options })
  const { url, transport } = druid
  const client = connect(url, { transport, retry: false, extensions: [cluster.with(given)] })
  return { druid, cluster: client.cluster() }
}

describe('86 Wait until cluster ready', () => {
  it('resolves with the services when leaders, SQL and the wanted roles are there', async () => {
    const { druid, cluster: open } = opened({ servers: LED.slice(0, 2) })
    const told: (readonly string[])[] = []
    const ready = open.untilReady({
      roles: { historical: 2 },
      onProgress: (missing) => {
        told.push(missing)
        if (told.length === 1) druid.setServers([...LED, { role: 'historical', host: 'a' }])
        if (told.length === 2) {
          druid.setServers([...LED, ...['a', 'b'].map((host) => ({ role: 'historical', host }))])
        }
      },
    })
    expect((await ready).filter(({ role }) => role === 'historical')).toHaveLength(2)
    expect(told).toEqual([
      [
        expect.stringMatching(/^a leading coordinator \(/),
        expect.stringMatching(/^a leading overlord \(/),
        'the role historical: there are 0 of 2',
      ],
      ['the role historical: there are 1 of 2'],
    ])
  })

  it('waits for SQL, and through what Druid says while it starts', async () => {
    let looks = 0
    const answers = [reply({ status: 503 }), unauthorized(), reply({ status: 404 }), undefined]
    const { cluster: open } = opened({ servers: LED, gate: () => answers[looks] })
    const onProgress = (missing: readonly string[]): void => {
      looks += 1
      expect(missing.some((it) => it.startsWith('SQL ('))).toBe(true)
    }
    expect(await open.untilReady({ onProgress })).toHaveLength(4)
    expect(looks).toBe(3)
  })

  it('says at its time-out what is missing still', async () => {
    const { cluster: open } = opened({ servers: LED })
    const ready = open.untilReady({ roles: ['historical', 'broker'], timeout: 150 })
    await expect(ready).rejects.toMatchObject({
      code: 'TIMEOUT',
      phase: 'total',
      message:
        'the cluster is not ready; it lacks the role historical: there are 0 of 1. Waited for 150 ms',
    })
  })

  it('ends with its signal, also while nobody answers', async () => {
    const { cluster: open } = opened({ servers: LED, gate: () => noAnswer() })
    const abort = new AbortController()
    setTimeout(() => abort.abort(), 20)
    await expect(open.untilReady({ signal: abort.signal })).rejects.toMatchObject({
      code: 'CANCELLED',
      message: expect.stringContaining('it lacks any answer'),
    })
    await expect(open.untilReady({ timeout: 20 })).rejects.toMatchObject({ code: 'TIMEOUT' })
  })

  it('counts services that only the option names when they answer', async () => {
    const services = ['http://extra:1', 'http://extra:2'].map((url) => ({ role: 'talaria', url }))
    const { cluster: open } = opened(
      { servers: [...LED, { role: 'talaria', host: 'extra', port: 1 }] },
      { services },
    )
    expect(await open.untilReady({ roles: ['talaria'] })).toHaveLength(6)
    const two = open.untilReady({ roles: { talaria: 2 }, timeout: 100 })
    await expect(two).rejects.toThrow('the role talaria: there are 1 of 2')
  })

  it('does not wait for what no waiting mends', async () => {
    const mapUrl = (): never => {
      throw new Error('lost')
    }
    const { cluster: open } = opened({ servers: LED }, { mapUrl })
    await expect(open.untilReady()).rejects.toMatchObject({ code: 'CONFIG', option: 'mapUrl' })
  })

  it.each([
    [{ roles: { historical: -1 } }, 'roles'],
    [{ roles: { historical: '1' } }, 'roles'],
    [{ timeout: -1 }, 'timeout'],
    [{ timeout: Number.NaN }, 'timeout'],
  ])('refuses %j', async (options, option) => {
    const { cluster: open } = opened({ servers: LED })
    await expect(open.untilReady(options as never)).rejects.toMatchObject({
      code: 'CONFIG',
      option,
    })
  })
})
