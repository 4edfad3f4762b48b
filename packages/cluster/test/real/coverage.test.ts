import { inspect } from 'node:util'
import { cluster } from '@druid/cluster'
import { connect } from '@druid/core'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { isFor, recorder } from './coverage/asked.ts'
import { has, type MethodRow, type Table, type TestedVersion, untestedOn } from './coverage/row.ts'
import { misfits } from './coverage/shape.ts'
import { tables } from './coverage/tables.ts'

const version = inject('druidVersion') as TestedVersion
const router = new URL(inject('druidUrl')).origin

/** The rows of a table that are called on this version. */
function calledRows({ rows }: Table): MethodRow<unknown>[] {
  return rows.filter((row): row is MethodRow<unknown> => {
    return !('leftOut' in row) && untestedOn(row, version) === undefined
  })
}

/** What the Router passes on. */
function isProxied({ endpoint, method }: MethodRow<unknown>): boolean {
  return / \/druid\/(?:coordinator|indexer)\//.test(endpoint) || /^coordinatorClient/.test(method)
}

const proxied = tables.filter((table) => calledRows(table).some(isProxied))

describe.each([
  ...tables.map((table) => ({ way: 'every endpoint', through: 'auto' as const, table })),
  ...proxied.map((table) => ({
    way: 'by the proxy of the Router only',
    through: 'router' as const,
    table,
  })),
])('$way: $table.title', ({ through, table }) => {
  const { extension, asked } = recorder()
  const extensions = [cluster.with({ through }), extension] as const
  const druid = connect(inject('druidUrl'), { extensions })
  let subject: unknown
  let isPrepared = false
  beforeAll(async () => {
    subject = await table.prepare(druid, version)
    isPrepared = true
  })
  afterAll(async () => {
    if (isPrepared) await table.remove?.(druid, subject)
    await druid.close()
  })

  const rows = calledRows(table).filter((row) => through === 'auto' || isProxied(row))
  for (const row of rows) {
    const { endpoint, method, answer, status = 200 } = row
    if (has(row, version)) {
      it(`${endpoint} is asked by ${method}, and answers as documented`, async () => {
        asked.length = 0
        const answered = await row.call(druid.cluster(), subject)
        const requests = asked.filter((request) => isFor(request, endpoint))
        const seen = asked.map(({ method, status, url }) => `${status} ${method} ${url.href}`)
        expect(requests.length, `asked: ${seen.join(', ')}`).toBeGreaterThan(0)
        expect([status].flat()).toContain(requests.at(-1)?.status)
        expect(misfits(answered, answer), inspect(answered).slice(0, 500)).toEqual([])
        if (through === 'router') {
          expect(new Set(requests.map(({ url }) => url.origin))).toEqual(new Set([router]))
        }
      })
    } else {
      it(`${method} is refused: Druid ${version} lacks ${endpoint}`, async () => {
        await expect(row.call(druid.cluster(), subject)).rejects.toMatchObject({
          code: 'UNSUPPORTED',
        })
      })
    }
  }
})
