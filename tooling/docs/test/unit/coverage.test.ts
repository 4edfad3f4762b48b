import { readFileSync } from 'node:fs'
import { cluster } from '@druid/cluster'
import { connect } from '@druid/core'
import { describe, expect, it } from 'vitest'
import { tables } from '../../../../packages/cluster/test/real/coverage/tables.ts'
import { coveragePage } from '../../coverage.ts'

/** Methods of the Overlord that are called by what stands above it, which users call as a rule. */
const ABOVE: Readonly<Record<string, string>> = {
  submit: 'submit',
  tasks: 'tasks',
  taskSpec: 'task().spec',
  taskStatus: 'task().status',
  taskLog: 'task().log',
  taskReport: 'task().report',
  shutdown: 'task().shutdown',
}

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

  it('has every method of every client of a role', () => {
    const own = connect('http://localhost:8888', { extensions: [cluster] }).cluster()
    const clients = {
      'coordinatorClient()': own.coordinatorClient(),
      'overlordClient()': own.overlordClient(),
      'brokerClient()': own.brokerClient(),
      'routerClient()': own.routerClient(),
      'historicalClient()': own.historicalClient(),
      'indexerClient()': own.indexerClient(),
      'peonClient(taskId)': own.peonClient('one'),
    }
    const rows = tables.flatMap(({ rows }) =>
      rows.flatMap((row) => ('leftOut' in row ? [] : [row.method.replace(/\([^()]*\)$/, '')])),
    )
    const called = new Set(rows)
    const missing = Object.entries(clients).flatMap(([name, client]) =>
      [...methodsOf(client), ...groupMethodsOf(client)].filter((method) => {
        // What several roles have is asked of one of them.
        const places = [name, 'coordinatorClient()', 'brokerClient()']
        const names = [...places.map((place) => `${place}.${method}`), ABOVE[method]]
        return !names.some((one) => one !== undefined && called.has(one))
      }),
    )
    expect(missing).toEqual([])
  })
})

/** Names of the methods of an object, those that its class inherits as well. */
function methodsOf(object: object): string[] {
  const prototype: object = Object.getPrototypeOf(object)
  if (prototype === Object.prototype) return []
  const own = Object.getOwnPropertyNames(prototype).filter((name) => name !== 'constructor')
  return [...own, ...methodsOf(prototype)]
}

/** `rules.get`: of the groups that a client is made of. */
function groupMethodsOf(client: object): string[] {
  return Object.entries(client).flatMap(([group, value]) =>
    group === 'service' ? [] : methodsOf(value as object).map((name) => `${group}.${name}`),
  )
}
