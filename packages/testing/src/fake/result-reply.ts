import { isRecord } from '@druid/core/extension'
import { piecesOf } from './answer.ts'
import { type FakeFault, isFault } from './fault.ts'
import { wrongFake } from './problem.ts'
import { type FakeReply, reply } from './reply.ts'
import { styleOf } from './result.ts'
import { type FakeResult, isResult } from './table.ts'

/**
 * A result as Druid writes it, for endpoints that hand out results in other ways than
 * `POST /druid/v2/sql`. `style`: what a SQL request says of it (`resultFormat`, `header`,
 * `typesHeader`, `sqlTypesHeader`, `context`), e.g. the body that was submitted.
 *
 * @example resultReply([{ a: 1 }], { resultFormat: 'csv', header: true })
 */
export function resultReply(result: FakeResult | FakeFault, style: unknown = {}): FakeReply {
  if (!isRecord(style)) throw wrongFake('resultReply: style is an object', 'style')
  const early = isFault(result) && result['~fake'] === 'truncated' ? result : undefined
  const whole = early === undefined ? result : early.result
  if (!isResult(whole)) {
    throw wrongFake('resultReply: it takes rows, { columns, rows } or truncated(…)', 'result')
  }
  const end = early === undefined ? {} : { after: early.after }
  const made = reply({ headers: { 'content-type': 'application/json' } })
  return { ...made, body: piecesOf(whole, styleOf(style), end), ofDruid: true }
}
