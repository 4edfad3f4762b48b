/** Replies that are no success, whatever they hold. */
import assert from 'node:assert/strict'
import { connect, DruidError } from '@druid/core'
import { canned } from '../reply.ts'
import { bytesOf, changed, cut, one, type Property, pieces } from './property.ts'

const CONTEXT = { line: '1', column: '8', legacyErrorCode: 'Query timeout', errorClass: 'a.B' }
const BODIES: readonly unknown[] = [
  {
    error: 'druidException',
    errorCode: 'invalidInput',
    persona: 'USER',
    category: 'INVALID_INPUT',
    errorMessage: 'no "a"\n\u001b[31m',
    context: CONTEXT,
  },
  { error: 'Query timeout', errorMessage: 'late', errorClass: 'a.B', host: null, context: CONTEXT },
  { error: { errorMessage: 'within' }, message: 7, 'Access-Check-Result': 'no' },
  { error: 'constructor', category: '__proto__', errorCode: [], context: 'none' },
  'text',
  null,
  [{}],
]
const PAGE = '<html><head><title>Error 503</title></head><body>\u0007 down</body></html>'
const STATUSES = [301, 307, 400, 401, 403, 404, 409, 415, 418, 429, 500, 501, 502, 503, 504, 599]

export const ERROR_PROPERTIES: readonly Property[] = [
  {
    name: 'a reply that is no success is an error of its status, with a message that can be shown',
    cases: 200,
    async check(pick) {
      const status = one(STATUSES, pick)
      const text = pick(6) === 0 ? PAGE : JSON.stringify(one(BODIES, pick))
      const whole = bytesOf(text.repeat(pick(9) === 0 ? 3_000 : 1))
      const bytes = one([whole, changed(whole, pick), cut(whole, pick)], pick)
      const headers = { 'retry-after': one(['', '3', 'soon', '-1', '1e999'], pick) }
      const transport = canned({ status, headers, body: pieces(bytes, pick) })
      const druid = connect('http://druid:8888', { transport, retry: false })
      const calls = [
        () => druid.query('SELECT 1'),
        () => druid.columns('SELECT 1'),
        () => druid.raw('SELECT 1'),
        () => druid.native({ queryType: 'timeBoundary', dataSource: 'a' }),
        () => druid.request('POST', '/x', {}),
      ]
      const error: unknown = await one<() => Promise<unknown>>(calls, pick)().catch(
        (caught: unknown) => caught,
      )
      assert.ok(error instanceof DruidError, String(error))
      assert.equal((error as { status?: unknown }).status, status)
      assert.ok(error.message.includes(String(status)))
      assert.ok(error.message.length < 3_000, `${error.message.length} characters`)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: what a terminal must not see
      assert.doesNotMatch(error.message, /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/)
      assert.equal(JSON.parse(JSON.stringify(error)).code, error.code)
    },
  },
]
