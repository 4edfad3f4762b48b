import { type AnyExtension, defineExtension, renamed } from '@druid/core/extension'
import { check, checkSame, said } from './check.ts'
import { recordRegistration } from './record.ts'
import { ANSWER } from './statements.ts'
import { makersOf, type OpenClient, type Subject } from './subject.ts'

/** A test of a suite: what it shows, and how. What it opens is closed after it. */
export type SuiteTest = readonly [
  shows: string,
  run: (open: Subject['open']) => void | Promise<void>,
]

/** That it registers, and gets along with others. */
export function registeringTests(subject: Subject): SuiteTest[] {
  const { extension, recorded } = subject
  const { name } = extension
  return [
    [
      'is active on a connection, with every method that it says it adds',
      async (open) => {
        const opened = open()
        const report = reportOf(opened.druid, name)
        checkSame(report.status, 'active', 'its status')
        checkSame([...report.methods].sort(), [...recorded.methods].sort(), 'its methods')
        checkSame(report.waiting, [], 'what waits for a cluster')
        for (const { name: method, make } of makersOf(recorded)) {
          check(make(opened.druid) !== undefined, `${method} returned undefined`)
        }
      },
    ],
    [
      'registers the same each time',
      () => {
        const again = recordRegistration(extension)
        checkSame(namesIn(again), namesIn(recorded), 'the second time')
      },
    ],
    [
      'may be listed twice: the same object again changes nothing',
      async (open) => {
        const opened = open([extension, extension])
        const mine = opened.druid.extensions().filter((report) => report.name === name)
        checkSame(
          mine.map(({ status }) => status),
          ['active'],
          'its reports',
        )
      },
    ],
    [
      'keeps its place against another extension of its name, and leaves it its own',
      async (open) => {
        const other = defineExtension({ name: name as 'other', client: Other })
        const first = open([extension, other], { onExtensionError: 'silent' })
        checkSame(statuses(first.druid, name), ['active', 'failed'], 'listed first')
        const second = open([other, extension], { onExtensionError: 'silent' })
        checkSame(statuses(second.druid, name), ['active', 'failed'], 'listed second')
        // What provides the cluster comes first, wherever it is listed.
        const kept = recorded.cluster !== undefined || second.druid.extension(name) instanceof Other
        check(kept, 'listed second, it took the place of the first')
      },
    ],
    [
      'works under another name',
      async (open) => {
        const opened = open([renamed(extension, TWIN)])
        checkSame(reportOf(opened.druid, TWIN).status, 'active', 'its status')
        for (const { make } of makersOf(recordRegistration(renamed(extension, TWIN)))) {
          make(opened.druid)
        }
      },
    ],
    [
      shared(recorded)
        ? 'keeps what it shares with all when it is listed again under another name'
        : 'works beside itself under another name',
      async (open) => {
        const twin = renamed(extension, TWIN)
        const opened = open([extension, twin], { onExtensionError: 'silent' })
        const { druid } = opened
        checkSame(statuses(druid, name), ['active'], 'the first')
        const expected = shared(recorded) ? 'failed' : 'active'
        checkSame(statuses(druid, TWIN), [expected], 'the second')
        if (shared(recorded) || recorded.client === undefined) return
        check(druid.extension(name) !== druid.extension(TWIN), 'the two share one client')
      },
    ],
    [
      'gets along with an extension that takes part in everything, in any order',
      async (open) => {
        for (const order of [
          [extension, neighbour],
          [neighbour, extension],
        ]) {
          const opened = open(order)
          for (const report of opened.druid.extensions()) {
            checkSame(report.status, 'active', `extension "${report.name}"`)
          }
          for (const { make } of makersOf(recorded)) make(opened.druid)
          await opened.druid.query(ANSWER)
        }
      },
    ],
  ]
}

class Other {}

/** A name that nobody else has. */
const TWIN = 'druid-testing-twin'

/** Looks at everything, and changes nothing. */
const neighbour: AnyExtension = defineExtension({
  name: 'druid-testing-neighbour',
  setup(context) {
    context.use((request, next) => next(request))
    context.use((request, next) => next({ ...request }), { phase: 'late' })
    context.queries({
      sqlRequest: (request) => ({ ...request }),
      rows: (batches) => batches,
      error: (error) => error,
    })
    context.mapUrl(() => undefined)
    context.onClose(() => {})
  },
})

/** Whether it claims names that are the same under whatever name it has. */
function shared(recorded: Subject['recorded']): boolean {
  const { cluster, roles, clusterMethods, formatters, codecs, auths } = recorded
  const names = [roles, clusterMethods, formatters, codecs, auths].flatMap(Object.keys)
  return cluster !== undefined || names.length > 0
}

function statuses(druid: OpenClient, name: string): string[] {
  const reports = druid.extensions().filter((report) => report.name === name)
  return reports.map(({ status }) => status)
}

function reportOf(druid: OpenClient, name: string): ReturnType<OpenClient['extensions']>[number] {
  const report = druid.extensions().find((one) => one.name === name)
  check(report !== undefined, `there is no report of "${name}"`)
  check(report.error === undefined, said(report.error))
  return report
}

/** All that it registered, by name. */
function namesIn(recorded: Subject['recorded']): unknown {
  const { client, cluster, roles, clusterMethods, formatters, codecs, auths } = recorded
  const { middleware, queries, mapUrls, closers } = recorded
  return {
    summary: recorded.summary,
    methods: recorded.methods,
    requires: recorded.requires,
    classes: [client, cluster, ...Object.values(roles), ...Object.values(clusterMethods)].map(
      (one) => one?.name,
    ),
    formatters: Object.keys(formatters),
    codecs: Object.keys(codecs),
    auths: Object.keys(auths),
    hooks: queries.map((hooks) => Object.keys(hooks)),
    counts: [middleware.early, middleware.late, mapUrls, closers].map((list) => list.length),
  }
}
