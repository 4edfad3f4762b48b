import type { AnyExtension, RegistrationContext } from '@druid/core/extension'
import { isDruidError } from '@druid/core/extension'
import { check, checkSame, said } from './check.ts'
import type { SuiteTest } from './registering.ts'
import { ANSWER } from './statements.ts'
import { makersOf, type Subject } from './subject.ts'

/** That everything it opened is closed, once. */
export function closingTests(subject: Subject): SuiteTest[] {
  return [
    [
      'disposes of everything once when the connection is closed',
      async (open) => {
        const runs = new Map<string, number>()
        const count = (what: string): void => {
          runs.set(what, (runs.get(what) ?? 0) + 1)
        }
        const { druid } = open([withCountedClosers(subject.extension, count)])
        for (const { name, make } of makersOf(subject.recorded))
          watch(make(druid), name, count, runs)
        for (const i of subject.recorded.closers.keys()) runs.set(`onClose ${i + 1}`, 0)
        await closed(() => Promise.all([druid.close(), druid.close()]))
        await closed(() => druid.close())
        for (const [what, times] of runs) checkSame(times, 1, `how often ${what} was run`)
      },
    ],
    [
      'closes without ever having been used',
      async (open) => {
        const { druid } = open()
        await closed(() => druid.close())
      },
    ],
    [
      'lets nobody in afterwards',
      async (open) => {
        const { druid } = open()
        await closed(() => druid.close())
        for (const { name, make } of makersOf(subject.recorded)) {
          if (name === 'druid.cluster()') continue
          let error: unknown
          try {
            make(druid)
          } catch (thrown) {
            error = thrown
          }
          check(isDruidError(error, 'CLOSED'), `${name} still works on a closed connection`)
        }
        const failed = await druid.query(ANSWER).catch((error: unknown) => error)
        check(isDruidError(failed), 'a query on a closed connection did not fail as it should')
      },
    ],
  ]
}

async function closed(close: () => Promise<unknown>): Promise<void> {
  try {
    await close()
  } catch (error) {
    check(false, said(error))
  }
}

/** The same extension, whose `onClose` functions are counted. */
function withCountedClosers(extension: AnyExtension, count: (what: string) => void): AnyExtension {
  const registerClient = (context: RegistrationContext): unknown => {
    const { onClose } = context
    let number = 0
    context.onClose = (cleanup) => {
      number += 1
      const what = `onClose ${number}`
      onClose(() => {
        count(what)
        return cleanup()
      })
    }
    return extension.registerClient(context as never)
  }
  return { ...extension, registerClient } as unknown as AnyExtension
}

/** Counts the calls of what disposes of an instance, as the library calls it. */
function watch(
  instance: unknown,
  name: string,
  count: (what: string) => void,
  runs: Map<string, number>,
): void {
  const it = Object(instance) as Partial<AsyncDisposable & Disposable>
  const key = typeof it[Symbol.asyncDispose] === 'function' ? Symbol.asyncDispose : Symbol.dispose
  const dispose = it[key]
  if (typeof dispose !== 'function' || !Object.isExtensible(it)) return
  const what = `${String(key.description)} of ${name}`
  runs.set(what, 0)
  Object.defineProperty(it, key, {
    configurable: true,
    value: () => {
      count(what)
      return dispose.call(it)
    },
  })
}
