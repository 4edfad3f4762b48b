import { check, checkDruidError, outcomeOf } from './check.ts'
import type { SuiteTest } from './registering.ts'
import { ANSWER, NO_ROWS, ROWS } from './statements.ts'
import { type OpenClient, type Subject, UNREACHABLE } from './subject.ts'

/** Native type → values of it, e.g. sketches in base64. */
export type Samples = Readonly<Record<string, readonly unknown[]>>

/** Formatters, codecs and address mappers, each by itself. */
export function partTests(subject: Subject, samples: Samples): SuiteTest[] {
  const { formatters, codecs, mapUrls } = subject.recorded
  return [
    ...Object.keys(formatters).map((name) => formatterTest(subject, name)),
    ...Object.keys(codecs).map((type) => codecTest(subject, type, samples[type])),
    ...(mapUrls.length > 0 ? [mapperTest(subject)] : []),
  ]
}

interface Formatting {
  format(statement: string, name: string): Promise<string>
}

function formatterTest(subject: Subject, name: string): SuiteTest {
  return [
    `writes results as ${name}: with rows and without, and no half of one`,
    async (open) => {
      const opened = open()
      const druid = opened.druid as OpenClient & Formatting
      const text = await druid.format(ROWS, name)
      check(typeof text === 'string' && text !== '', `${name} wrote nothing of a row`)
      await druid.format(NO_ROWS, name)
      opened.breakBy(UNREACHABLE)
      const outcome = await outcomeOf(() => druid.format(ANSWER, name), subject.limit, name)
      check('error' in outcome, `${name} wrote the result of a query that failed`)
      checkDruidError(outcome.error, name)
    },
  ]
}

function codecTest(
  { recorded }: Subject,
  type: string,
  samples: readonly unknown[] | undefined,
): SuiteTest {
  const codec = recorded.codecs[type]
  const sqlType = /^COMPLEX</.test(type) ? 'OTHER' : 'VARCHAR'
  const column = { name: 'value', key: 'value', sqlType, nativeType: type }
  return [
    `decodes ${type} at once${samples ? ', and each of the samples' : ''}`,
    () => {
      for (const value of samples ?? []) codec?.decode(value, column)
      for (const value of ['', 'AAAA', 'no base64 at all', 5, {}]) {
        let decoded: unknown
        try {
          decoded = codec?.decode(value, column)
        } catch {
          // Then the value is left as it came.
        }
        const isPromise = typeof Object(decoded).then === 'function'
        check(!isPromise, `the codec of ${type} is asynchronous: decode() returned a promise`)
      }
    },
  ]
}

function mapperTest(subject: Subject): SuiteTest {
  return [
    'maps addresses to URLs, or leaves them',
    async (open) => {
      const opened = open()
      const rows = await opened.druid.query('SELECT * FROM sys.servers')
      for (const mapper of subject.recorded.mapUrls) {
        for (const row of rows) {
          const url = mapper(Object.freeze({ ...row }))
          const isUrl = URL.canParse(String(url)) && /^https?:/.test(String(url))
          check(url === undefined || isUrl, `mapUrl answered ${String(url)}, which is no http URL`)
        }
      }
    },
  ]
}
