import { cluster } from '@druid/cluster'
import { connect } from '@druid/core'
import { afterAll, expect, inject, it } from 'vitest'
import { type AuditEntry, audit } from '../../src/index.ts'

const written: AuditEntry[] = []
const druid = connect(inject('druidUrl'), {
  auth: 'acme',
  extensions: [
    cluster,
    audit.with({
      application: 'billing',
      deny: ['sys.segments'],
      mask: {
        origin: 'hide',
        destination: (code) => `${String(code).slice(0, 1)}**`,
        delai: 'hide',
      },
      advice: { INVALID_INPUT: 'Columns are listed in the catalog.' },
      write: (entries) => written.push(...entries),
      signing: { id: 'k1', secret: 'top-secret' },
    }),
  ],
})
afterAll(() => druid.close())

it('leaves a statement as it is for Druid, whatever it ends with', async () => {
  for (const end of ['', ';', ' -- the end', ' /* the end */ ;\n']) {
    expect(await druid.value<number>(`SELECT COUNT(*) FROM flights${end}`)).toBeGreaterThan(0)
  }
  const plan = await druid.explain('SELECT COUNT(*) FROM flights')
  expect(plan.dataSources).toEqual(['flights'])
})

it('masks rows as they stream', async () => {
  let rows = 0
  for await (const row of druid.stream<{ origin: string; destination: string }>(
    'SELECT origin, destination FROM flights LIMIT 20000',
  )) {
    rows += 1
    if (row.origin !== '***' || !/^[A-Z]\*\*$/.test(row.destination)) expect.fail(row.origin)
  }
  expect(rows).toBe(20_000)
  expect(druid.auditClient().entries().at(-1)).toMatchObject({ rows, outcome: 'whole' })
})

it('knows which masks hide nothing', async () => {
  expect(await druid.auditClient().unknownMasks()).toEqual(['delai'])
})

it('advises, and keeps the position in the text of the application', async () => {
  const error = await druid.query('SELECT\n  nothing FROM flights').catch((thrown) => thrown)
  expect(error).toMatchObject({ code: 'INVALID_INPUT', position: { line: 2, column: 3 } })
  expect(error.message).toMatch(/nothing[\s\S]*Columns are listed in the catalog\.$/)
})

it('refuses before anything is sent', async () => {
  const before = druid.auditClient().requests()
  await expect(druid.query('SELECT * FROM "sys" . segments')).rejects.toThrow(/deny list/)
  expect(druid.auditClient().requests()).toEqual(before)
})

it('writes evidence', async () => {
  const text = await druid.format('SELECT iata FROM airports LIMIT 3', 'evidence')
  const lines = text.trimEnd().split('\n')
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ application: 'billing', columns: ['iata'] })
  expect(lines.at(-1)).toBe('{"rows":3}')
})

it('reaches the services through their gateways', async () => {
  const listed = await druid.one<{ host: string; plaintext_port: number }>(
    "SELECT host, plaintext_port FROM sys.servers WHERE server_type = 'coordinator'",
  )
  // The Router stands in for a gateway.
  const gateways = { [`${listed.host}:${listed.plaintext_port}`]: inject('druidUrl') }
  await using behind = connect(inject('druidUrl'), {
    extensions: [cluster, audit.with({ gateways })],
  })
  const found = await behind.cluster().services()
  const urls = found.filter(({ role }) => role === 'coordinator').map(({ url }) => url?.origin)
  expect(urls).toContain(new URL(inject('druidUrl')).origin)
})

it('has written all when the connection is closed', async () => {
  const ended = druid
    .auditClient()
    .entries()
    .filter(({ outcome }) => outcome !== 'sent')
  await druid.close()
  expect(written).toEqual(ended)
  expect(written.length).toBeGreaterThan(8)
})
