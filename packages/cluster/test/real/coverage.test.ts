import { cluster } from '@druid/cluster'
import { connect } from '@druid/core'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { isFor, recorder } from './coverage/asked.ts'
import { has, type TestedVersion, untestedOn } from './coverage/row.ts'
import { misfits } from './coverage/shape.ts'
import { tables } from './coverage/tables.ts'

const version = inject('druidVersion') as TestedVersion

describe.each(tables)('every endpoint: $title', (table) => {
  const { extension, asked } = recorder()
  const druid = connect(inject('druidUrl'), { extensions: [cluster, extension] })
  let subject: unknown
  beforeAll(async () => {
    subject = await table.prepare(druid, version)
  })
  afterAll(async () => {
    // Not there where `prepare` failed.
    if (subject !== undefined) await table.remove?.(druid, subject)
    await druid.close()
  })

  for (const row of table.rows) {
    if ('leftOut' in row || untestedOn(row, version) !== undefined) continue
    const { endpoint, method, answer, status = 200 } = row
    if (has(row, version)) {
      it(`${endpoint} is asked by ${method}, and answers as documented`, async () => {
        asked.length = 0
        const answered = await row.call(druid.cluster(), subject)
        const requests = asked.filter((request) => isFor(request, endpoint))
        const seen = asked.map(
          (it) => `${it.status} ${it.method} ${it.url.pathname}${it.url.search}`,
        )
        expect(requests.length, `asked: ${seen.join(', ')}`).toBeGreaterThan(0)
        expect([status].flat()).toContain(requests.at(-1)?.status)
        expect(misfits(answered, answer), JSON.stringify(answered)?.slice(0, 500)).toEqual([])
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
