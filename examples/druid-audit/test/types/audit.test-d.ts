import { connect, type DruidClient } from '@druid/core'
import { expectTypeOf, test } from 'vitest'
import { type AuditClient, type AuditEntry, audit } from '../../src/index.ts'
import registered, { registerClient } from '../../src/register.ts'

// Checked by the compiler, never run.
const druid = connect('http://localhost:8888', { extensions: [audit] })

test('the client has the method that was registered, and its type', () => {
  expectTypeOf(druid.auditClient()).toEqualTypeOf<AuditClient>()
  expectTypeOf(druid.auditClient().entries()).toEqualTypeOf<AuditEntry[]>()
  expectTypeOf(druid).toExtend<DruidClient<typeof audit>>()
  // @ts-expect-error not without the extension
  connect('http://localhost:8888').auditClient
})

test('options are typed', () => {
  audit.with({ application: 'billing', mask: { email: 'hide', iban: 'last4' }, keep: 10 })
  audit.with({ mask: { name: (value, column) => `${column} of ${String(value).length}` } })
  // @ts-expect-error no such way to mask
  audit.with({ mask: { email: 'blur' } })
  // @ts-expect-error no such option
  audit.with({ app: 'billing' })
  expectTypeOf(audit.with({})).toExtend<typeof registered>()
})

test('the formatter has its options', () => {
  expectTypeOf(druid.format('SELECT 1', 'evidence', { reason: 'GDPR' })).resolves.toBeString()
  // @ts-expect-error no such option
  druid.format('SELECT 1', 'evidence', { because: 'GDPR' })
})

test('./register has what discovery and tools look for', () => {
  expectTypeOf(registered).toEqualTypeOf<typeof audit>()
  expectTypeOf(registerClient).toBeFunction()
})
