import {
  connect,
  type EndEvent,
  type ErrorEvent,
  type Hooks,
  type Log,
  type RequestEvent,
  type ResponseEvent,
  type RetryEvent,
  type Tracer,
} from '@druid/core'
import { type Tracer as OpenTelemetryTracer, trace } from '@opentelemetry/api'
import { expectTypeOf, test } from 'vitest'

test('a tracer of OpenTelemetry fits as it is', () => {
  expectTypeOf<OpenTelemetryTracer>().toExtend<Tracer>()
  connect('http://druid:8888', { tracer: trace.getTracer('app') })
})

test('so does one of somebody else, without active spans', () => {
  const span = { setAttributes() {}, setStatus() {}, end() {} }
  connect('http://druid:8888', { tracer: { startSpan: () => span } })
  // @ts-expect-error a span must end
  connect('http://druid:8888', { tracer: { startSpan: () => ({ setAttributes() {} }) } })
  // @ts-expect-error it makes no span
  connect('http://druid:8888', { tracer: {} })
})

test('hooks know their events', () => {
  connect('http://druid:8888', {
    hooks: {
      request: (event) => expectTypeOf(event).toEqualTypeOf<RequestEvent>(),
      response: (event) => expectTypeOf(event).toEqualTypeOf<ResponseEvent>(),
      retry: (event) => expectTypeOf(event).toEqualTypeOf<RetryEvent>(),
      error: (event) => expectTypeOf(event).toEqualTypeOf<ErrorEvent>(),
      end: (event) => expectTypeOf(event).toEqualTypeOf<EndEvent>(),
    },
  })
  // @ts-expect-error there is no such event
  expectTypeOf<{ started(): void }>().toExtend<Required<Hooks>>()
  const hooks: Hooks = {
    end(event) {
      expectTypeOf(event.rows).toEqualTypeOf<number | undefined>()
      expectTypeOf(event.outcome).toEqualTypeOf<'done' | 'left' | 'failed'>()
      // @ts-expect-error events are read only
      event.rows = 1
    },
    error: ({ error }) => expectTypeOf(error.message).toEqualTypeOf<string | undefined>(),
  }
  connect('http://druid:8888', { hooks })
})

/** As loggers declare it whose first argument may be an object or the line. */
interface LogFunction {
  <T>(object: T, line?: string, ...more: unknown[]): void
  (line: string, ...more: unknown[]): void
}

test('console and the usual loggers are logs', () => {
  expectTypeOf<Console>().toExtend<Log>()
  expectTypeOf<{ debug: LogFunction; info: LogFunction; error: LogFunction }>().toExtend<Log>()
  connect('http://druid:8888', { log: console })
  // @ts-expect-error a level is a function
  connect('http://druid:8888', { log: { info: true } })
})
