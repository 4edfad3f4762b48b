import { capacityExceeded, forbidden, legacyError, unauthorized } from '../fake/error.ts'
import { htmlPage, reply } from '../fake/reply.ts'
import { check, checkDruidError, checkSame, outcomeOf } from './check.ts'
import type { SuiteTest } from './registering.ts'
import { ANSWER, ENDLESS } from './statements.ts'
import { makersOf, type OpenClient, type Subject, UNREACHABLE } from './subject.ts'

/** A call of the extension's own, by what it is called in reports. */
export type Calls = Readonly<Record<string, (druid: OpenClient) => unknown>>

/** What servers and networks do to those who ask. */
const TROUBLES = {
  'a page of a proxy': htmlPage(502),
  'no credentials': unauthorized(),
  'no permission': forbidden(),
  'too many queries': capacityExceeded({ retryAfter: 1 }),
  'a failure in Druid': legacyError({ error: 'Unknown exception', errorMessage: 'oops' }),
  'an unknown path': reply({ status: 404 }),
  'nobody who leads': reply({ status: 503 }),
  'what is no JSON': reply({ body: '<html>Welcome</html>' }),
} as const

/** That it breaks nothing where Druid cannot be reached, and says why it failed. */
export function failingTests(subject: Subject, calls: Calls): SuiteTest[] {
  return [
    [
      'is not in the way of an error, nor of a server that is back',
      async (open) => {
        const opened = open()
        const { druid } = opened
        const made = makersOf(subject.recorded).map(({ make }) => make(druid))
        opened.breakBy(UNREACHABLE)
        for (const [what, run] of Object.entries(OWN_CALLS)) {
          const outcome = await outcomeOf(() => run(druid), subject.limit, what)
          if ('error' in outcome) checkDruidError(outcome.error, what)
        }
        opened.breakBy(undefined)
        await druid.query(ANSWER)
        check((await druid.version()) !== '', 'druid.version() gave nothing')
        for (const [i, { name, make }] of makersOf(subject.recorded).entries()) {
          check(make(druid) === made[i], `${name} is another after a request failed`)
        }
      },
    ],
    [
      'lets a query end that its caller gives up, on the server too',
      async (open) => {
        const { druid, fake } = open()
        const what = 'a query whose signal is aborted'
        const run = () => druid.query(ENDLESS, { signal: AbortSignal.timeout(20) })
        const outcome = await outcomeOf(run, subject.limit, what)
        if ('error' in outcome) checkDruidError(outcome.error, what)
        await druid.close()
        checkSame(fake.running, [], 'what Druid still works on')
      },
    ],
    ...Object.entries(calls).flatMap(([what, call]) => callTests(subject, what, call)),
  ]
}

/** Through whatever the extension puts in their way. */
const OWN_CALLS: Calls = {
  'druid.query()': (druid) => druid.query(ANSWER),
  'druid.version()': (druid) => druid.version(),
}

function callTests(subject: Subject, what: string, call: Calls[string]): SuiteTest[] {
  return [
    [
      `${what} rejects with a DruidError where nothing can be reached`,
      async (open) => {
        const opened = open()
        opened.breakBy(UNREACHABLE)
        const outcome = await outcomeOf(() => call(opened.druid), subject.limit, what)
        check('error' in outcome, `${what}: it succeeded where nothing can be reached`)
        checkDruidError(outcome.error, what)
      },
    ],
    [
      `${what} ends in any trouble, and fails with nothing but a DruidError`,
      async (open) => {
        for (const [trouble, answer] of Object.entries(TROUBLES)) {
          const opened = open()
          opened.breakBy(answer)
          const where = `${what}, answered by ${trouble}`
          const outcome = await outcomeOf(() => call(opened.druid), subject.limit, where)
          if ('error' in outcome) checkDruidError(outcome.error, where)
        }
      },
    ],
  ]
}
