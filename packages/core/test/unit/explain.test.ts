import { connect } from '@druid/core'
import { describe, expect, it } from 'vitest'
import { arrayLines, type ColumnHead, canned } from './reply.ts'

const COLUMNS: readonly ColumnHead[] = ['PLAN', 'RESOURCES', 'ATTRIBUTES'].map((name) => [
  name,
  'STRING',
  'VARCHAR',
])
const RESOURCES = '[{"name":"airports","type":"DATASOURCE"},{"name":"EXTERNAL","type":"EXTERNAL"}]'

function explained(plan: string, attributes = '{"statementType":"SELECT"}') {
  const body = arrayLines(COLUMNS, JSON.stringify([plan, RESOURCES, attributes]))
  return connect('http://druid:8888', { transport: canned({ body }) }).explain('SELECT 1')
}

it('explain() takes no text of the statement for a query, and has the id of its own', async () => {
  const value = JSON.stringify({ queryType: 'scan', filter: { value: 'query=[{x' } })
  const plan = await explained(`DruidQueryRel(query=[${value}], signature=[{__time:LONG}])`)
  expect(plan.queries).toHaveLength(1)
  const druid = connect('http://druid:8888', {
    transport: canned({ body: arrayLines(COLUMNS, '["[{]","",""]') }),
  })
  const explaining = druid.explain('SELECT 1', { context: { sqlQueryId: 'mine' } })
  await expect(explaining).rejects.toMatchObject({ code: 'DECODE', queryId: 'mine' })
})

describe('explain() reads', () => {
  it('the plan in JSON', async () => {
    const entry = {
      query: { queryType: 'scan', limit: 1 },
      signature: [{ name: 'v0', type: 'LONG' }],
      columnMappings: [{ queryColumn: 'v0', outputColumn: 'EXPR$0' }],
    }
    const text = JSON.stringify([entry])
    expect(await explained(text, '{"statementType":"INSERT","targetDataSource":"x"}')).toEqual({
      queries: [entry],
      dataSources: ['airports'],
      resources: [
        { name: 'airports', type: 'DATASOURCE' },
        { name: 'EXTERNAL', type: 'EXTERNAL' },
      ],
      attributes: { statementType: 'INSERT', targetDataSource: 'x' },
      text,
    })
  })

  it('the text of older planners, also of joins and with brackets in names', async () => {
    const text = [
      'DruidJoinQueryRel(condition=[=($3, $5)], joinType=[inner], query=[{"queryType":"timeseries","filter":{"value":"]}, signature=[{x"}}], signature=[{a0:LONG}])',
      '  DruidQueryRel(query=[{"queryType":"scan"}], signature=[{__time:LONG, origin:STRING}])',
      '  DruidQueryRel(query=[{"queryType":"scan"}], signature=[{}])',
    ].join('\n')
    expect((await explained(text)).queries).toEqual([
      {
        query: { queryType: 'timeseries', filter: { value: ']}, signature=[{x' } },
        signature: [{ name: 'a0', type: 'LONG' }],
      },
      {
        query: { queryType: 'scan' },
        signature: [
          { name: '__time', type: 'LONG' },
          { name: 'origin', type: 'STRING' },
        ],
      },
      { query: { queryType: 'scan' }, signature: [] },
    ])
  })

  it.each(['[{"signature":[]}]', '[{"query"', '[1]'])('%s as DECODE', async (plan) => {
    await expect(explained(plan)).rejects.toMatchObject({ code: 'DECODE' })
  })
})
