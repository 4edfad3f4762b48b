import {
  type CancelOutcome,
  DruidError,
  type DruidErrorCode,
  type DruidErrorDetails,
  type ExtensionError,
  type ExtensionReport,
  isDruidError,
  isExtensionError,
  type SqlPosition,
} from '@druid/core'
import { expectTypeOf, test } from 'vitest'

declare const caught: unknown

test('the code decides which fields there are', () => {
  if (!isDruidError(caught)) return
  expectTypeOf(caught).toEqualTypeOf<DruidError>()
  expectTypeOf(caught.code).toEqualTypeOf<DruidErrorCode>()
  expectTypeOf(caught.message).toBeString()
  expectTypeOf(caught.queryId).toEqualTypeOf<string | undefined>()
  expectTypeOf(caught.attempt).toBeNumber()
  expectTypeOf(caught.retryable).toBeBoolean()
  // @ts-expect-error only some have rows
  caught.rows
  switch (caught.code) {
    case 'TRUNCATED':
      expectTypeOf(caught.rows).toBeNumber()
      expectTypeOf(caught.reason).toEqualTypeOf<string | undefined>()
      break
    case 'INVALID_INPUT':
      expectTypeOf(caught.position).toEqualTypeOf<SqlPosition | undefined>()
      break
    case 'INEXACT':
      expectTypeOf(caught.column).toBeString()
      expectTypeOf(caught.value).toBeString()
      break
    case 'CANCELLED':
      expectTypeOf(caught.serverCancel).toEqualTypeOf<Promise<CancelOutcome> | undefined>()
      break
    case 'CAPACITY':
      expectTypeOf(caught.retryAfter).toEqualTypeOf<number | undefined>()
      expectTypeOf(caught.status).toBeNumber()
      break
    case 'EXTENSION':
      expectTypeOf(caught.extension).toBeString()
      // @ts-expect-error no reply, no status
      caught.status
      break
    default:
      // @ts-expect-error those with rows are handled
      caught.rows
  }
})

test('the code can be asked for at once', () => {
  if (isDruidError(caught, 'TIMEOUT')) {
    expectTypeOf(caught).toEqualTypeOf<DruidError<'TIMEOUT'>>()
    expectTypeOf(caught.phase).toEqualTypeOf<'connect' | 'firstByte' | 'idle' | 'total'>()
  }
  // @ts-expect-error no such code
  isDruidError(caught, 'TIMED_OUT')
  if (isExtensionError(caught)) expectTypeOf(caught).toEqualTypeOf<ExtensionError>()
  expectTypeOf<ExtensionError['extension']>().toBeString()
})

test('an error is made with the details of its code', () => {
  expectTypeOf(new DruidError('LIMIT', 'x', { limit: 1 })).toEqualTypeOf<DruidError<'LIMIT'>>()
  new DruidError('CLOSED', 'x')
  new DruidError('CLOSED', 'x', { cause: new Error(), queryId: 'a' })
  // @ts-expect-error the limit is missing
  new DruidError('LIMIT', 'x')
  // @ts-expect-error the role is missing
  new DruidError('NO_SERVICE', 'x', {})
  // @ts-expect-error no such code
  new DruidError('OOPS', 'x')
  // @ts-expect-error no such detail
  new DruidError('LIMIT', 'x', { limit: 1, status: 200 })
})

test('no detail is any', () => {
  type AnyIn<T> = { [K in keyof T]-?: 0 extends 1 & T[K] ? K : never }[keyof T]
  type Leaks = { [C in DruidErrorCode]: AnyIn<DruidErrorDetails[C]> }[DruidErrorCode]
  expectTypeOf<Leaks>().toBeNever()
  expectTypeOf<AnyIn<DruidError>>().toBeNever()
  expectTypeOf<NonNullable<ExtensionReport['error']>>().toEqualTypeOf<DruidError>()
})
