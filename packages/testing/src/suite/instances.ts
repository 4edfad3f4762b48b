import { clientMethod } from '@druid/core/extension'
import { check, checkSame } from './check.ts'
import type { SuiteTest } from './registering.ts'
import { ANSWER } from './statements.ts'
import { callOf, makersOf, type Subject } from './subject.ts'

/** When its classes are made, and how often. */
export function instanceTests(subject: Subject): SuiteTest[] {
  const { recorded } = subject
  const makers = makersOf(recorded)
  if (makers.length === 0) {
    return [
      [
        'sends nothing by being there',
        async (open) => {
          const opened = open()
          await turn()
          checkSame(asked(opened.fake.requests), [], 'requests')
        },
      ],
    ]
  }
  return [
    [
      'sends nothing and starts nothing by being made',
      async (open) => {
        const opened = open()
        for (const { name, make } of makers) {
          const started = startedBy(() => make(opened.druid))
          checkSame(started, [], `what ${name} started`)
        }
        await turn()
        checkSame(asked(opened.fake.requests), [], 'requests sent by constructors')
      },
    ],
    [
      'has one instance of each on a connection',
      async (open) => {
        const opened = open()
        for (const { name, make } of makers) {
          const first = make(opened.druid)
          check(make(opened.druid) === first, `${name} made another the second time`)
        }
      },
    ],
    [
      'has others on another connection, which the end of the first does not touch',
      async (open) => {
        const first = open()
        const second = open()
        const before = makers.map(({ make }) => make(second.druid))
        for (const [i, { name, make }] of makers.entries()) {
          check(make(first.druid) !== before[i], `${name} is shared by two connections`)
        }
        await first.druid.close()
        for (const [i, { name, make }] of makers.entries()) {
          check(make(second.druid) === before[i], `${name} is another after another was closed`)
        }
        await second.druid.query(ANSWER)
      },
    ],
    [
      'gives derived clients the same instances',
      async (open) => {
        const opened = open()
        const derived = opened.druid.with({ context: { priority: 1 } })
        for (const { name, make } of makers) {
          check(make(derived) === make(opened.druid), `${name} of a derived client is another`)
        }
      },
    ],
    ...roleTests(subject),
  ]
}

function roleTests(subject: Subject): SuiteTest[] {
  const roles = Object.keys(subject.recorded.roles)
  return roles.map((role): SuiteTest => {
    const method = `cluster().${clientMethod(role)}s`
    return [
      `has one client for each server of the role ${role}`,
      async (open) => {
        const opened = open()
        const many = async (): Promise<unknown[]> =>
          (await callOf(opened.druid, method)) as unknown[]
        const [first, again] = [await many(), await many()]
        check(
          first.length === again.length && first.every((one, i) => one === again[i]),
          `druid.${method}() made others the second time`,
        )
        check(
          first.every((one) => one !== null && typeof one === 'object'),
          `druid.${method}() gave what is no instance`,
        )
      },
    ]
  })
}

/** Until all that was begun at once has had its turn. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 5)
  })
}

/** What a cluster asks for by itself is not the extension's. */
function asked(requests: readonly { readonly method: string; readonly path: string }[]): string[] {
  return requests.map(({ method, path }) => `${method} ${path}`)
}

interface Host {
  readonly process?: { readonly getActiveResourcesInfo?: () => string[] }
}

/** What a function starts before it returns: calls of `fetch`; where Node tells, timers and sockets. */
function startedBy(run: () => unknown): string[] {
  const host = globalThis as Host
  const active = (): string[] => host.process?.getActiveResourcesInfo?.() ?? []
  const started: string[] = []
  const own = globalThis.fetch
  const before = active()
  globalThis.fetch = async (input) => {
    started.push(`fetch(${String(input instanceof Request ? input.url : input)})`)
    throw new Error('a constructor must not send anything')
  }
  try {
    run()
  } finally {
    globalThis.fetch = own
  }
  const left = [...before]
  for (const resource of active()) {
    const i = left.indexOf(resource)
    if (i < 0) started.push(resource)
    else left.splice(i, 1)
  }
  return started
}
