import { isRecord } from '@druid/core/extension'
import { legacyError } from './error.ts'
import { wrongFake } from './problem.ts'
import { druidReply, type FakeReply, reply } from './reply.ts'
import type { FakeRequest } from './request.ts'
import { resultFormatOf } from './result.ts'

/** How Druid refuses what is no request for a query; `undefined` for one that is. */
export function refusedBody(request: FakeRequest, version: string): FakeReply | undefined {
  const router = request.roles.includes('router')
  const [type = ''] = (request.headers['content-type'] ?? '').split(';')
  const exact = Number.parseInt(version, 10) < 34 || !router
  const known = exact ? type.trim() : request.headers['content-type']
  if (known !== 'application/json') {
    // Until 33 without a body; later it says why.
    return Number.parseInt(version, 10) < 34
      ? { ...reply({ status: 415 }), ofDruid: true }
      : druidReply(415, { error: `Unsupported Content-Type: ${request.headers['content-type']}` })
  }
  const { body } = request
  if (!isRecord(body)) {
    throw wrongFake('POST /druid/v2/sql: the body of the request is no JSON object', 'sql')
  }
  const SqlQuery = 'Cannot construct instance of `org.apache.druid.sql.http.SqlQuery`, problem: '
  const { query, resultFormat, header, typesHeader, sqlTypesHeader } = body
  if (resultFormatOf(resultFormat) === undefined) {
    const name = String(resultFormat).toUpperCase()
    return unreadable(
      `Cannot construct instance of \`org.apache.druid.sql.http.ResultFormat\`, problem: No enum constant org.apache.druid.sql.http.ResultFormat.${name}`,
      router,
    )
  }
  if (typeof query !== 'string') return unreadable(`${SqlQuery}query`, router)
  for (const [name, value] of Object.entries({ typesHeader, sqlTypesHeader })) {
    if (value === true && header !== true) {
      return unreadable(`${SqlQuery}Cannot include '${name}' without 'header'`, router)
    }
  }
  return undefined
}

/** What Jackson cannot read. The Router also says where in the text, which is not imitated. */
function unreadable(why: string, router: boolean): FakeReply {
  if (!router) return druidReply(400, { error: why })
  const errorClass = 'com.fasterxml.jackson.databind.exc.ValueInstantiationException'
  const error = 'Unknown exception'
  return legacyError({ error, errorMessage: why, errorClass, envelope: 'bare', status: 400 })
}
