import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { tables } from '../../../../packages/cluster/test/real/coverage/tables.ts'
import { coveragePage } from '../../coverage.ts'

describe('docs/coverage.md', () => {
  it('is what ./dev coverage makes of the tables now', () => {
    const page = readFileSync(new URL('../../../../docs/coverage.md', import.meta.url), 'utf8')
    expect(page).toBe(coveragePage(tables))
  })

  it('has each endpoint once', () => {
    const endpoints = tables.flatMap(({ rows }) => rows.map(({ endpoint }) => endpoint))
    expect(endpoints.filter((one, i) => endpoints.indexOf(one) !== i)).toEqual([])
  })

  it('names the methods that its rows call', () => {
    for (const row of tables.flatMap(({ rows }) => rows)) {
      if ('leftOut' in row) continue
      const code = String(row.call).replaceAll(/\s/g, '')
      const name = /(\w+)\([^()]*\)$/.exec(row.method)?.[1]
      expect(code, row.endpoint).toContain(`.${name}(`)
    }
  })

  it('gives a reason for all that is not tested', () => {
    const reasons = tables.flatMap(({ rows }) =>
      rows.flatMap((row) => {
        if ('leftOut' in row) return [row.leftOut]
        const { untested } = row
        if (untested === undefined) return []
        return typeof untested === 'string' ? [untested] : Object.values(untested)
      }),
    )
    expect(reasons.filter((reason) => reason.length < 10)).toEqual([])
  })
})
