import type { DruidClient } from '@druid/core'
import { type AnyExtension, checkNames, DruidError } from '@druid/core/extension'
import type { FakeDruidOptions } from '../fake/fake.ts'
import { check, said } from './check.ts'
import { closingTests } from './closing.ts'
import { type Calls, failingTests } from './failing.ts'
import { instanceTests } from './instances.ts'
import { partTests, type Samples } from './parts.ts'
import { registeringTests, type SuiteTest } from './registering.ts'
import { type Opened, type Subject, subjectOf } from './subject.ts'

/** Of Vitest, `node:test`, Jest, Mocha …: whatever names a group of tests, or a test. */
type Group = (name: string, body: () => void) => unknown
type Test = (name: string, body: () => void | Promise<void>) => unknown

/** Options of {@link describeExtension}. */
export interface DescribeOptions<X, W extends readonly AnyExtension[] = readonly []> {
  readonly describe: Group
  readonly it: Test
  /**
   * Extensions that it needs beside it. Default: for one with roles or cluster methods a cluster with
   * one server for each role; nothing else.
   */
  readonly with?: W | undefined
  /** What its server answers: options of `fakeDruid`. */
  readonly fake?: FakeDruidOptions | undefined
  /**
   * Calls of its own, by name. Each is made where nothing can be reached, where it must reject with a
   * DruidError, and against what servers and proxies answer in trouble, where it must end, and fail
   * with nothing but a DruidError.
   */
  readonly calls?:
    | Readonly<Record<string, (druid: DruidClient<X | W[number]>) => unknown>>
    | undefined
  /** Native type → values that its codec must decode, as Druid sends them: base64 text. */
  readonly samples?: Samples | undefined
  /** Milliseconds that one call may take. Default 5000. */
  readonly timeout?: number | undefined
}

const OPTIONS = ['describe', 'it', 'with', 'fake', 'calls', 'samples', 'timeout']

/**
 * A suite for an extension: it registers, gets along with others and with itself, is made once per
 * connection without I/O, survives failing requests, and closes once. Whatever it offers – client,
 * roles, cluster methods, formatters, codecs, hooks – is what it is tested for.
 *
 * @example
 * import { describe, it } from 'node:test' // or from 'vitest'
 * describeExtension(ranger, { describe, it })
 * @throws DruidError `CONFIG` for options that are none.
 */
export function describeExtension<
  X extends AnyExtension,
  const W extends readonly AnyExtension[] = readonly [],
>(extension: X, options: DescribeOptions<X, W>): void {
  checkNames(options, OPTIONS, 'describeExtension')
  const { describe, it, fake = {}, calls = {}, samples = {}, timeout = 5_000 } = options
  const beside: readonly AnyExtension[] = options.with ?? []
  for (const [name, value] of Object.entries({ describe, it, ...calls })) {
    if (typeof value !== 'function') throw wrong(`${name} is a function`, name)
  }
  if (!Array.isArray(beside)) throw wrong('with is a list of extensions', 'with')
  if (!(timeout > 0)) throw wrong('timeout is a number of milliseconds', 'timeout')

  describe(`extension "${nameOf(extension)}"`, () => {
    let subject: Subject | undefined
    let problem: unknown
    try {
      subject = subjectOf(extension, beside, fake, timeout)
    } catch (error) {
      problem = error
    }
    it('registers', () => check(subject !== undefined, said(problem)))
    if (subject === undefined) return
    const known = subject
    for (const [shows, run] of testsOf(known, calls as Calls, samples)) {
      it(shows, () => runTest(known, run))
    }
  })
}

/** Closes whatever the test opened; what fails in that fails a test that passed. */
async function runTest(subject: Subject, run: SuiteTest[1]): Promise<void> {
  const opened: Opened[] = []
  const closeAll = async (): Promise<void> => {
    await Promise.all(opened.map(({ druid }) => druid.close()))
  }
  try {
    await run((...args) => {
      const one = subject.open(...args)
      opened.push(one)
      return one
    })
  } catch (error) {
    await closeAll().catch(() => {})
    throw error
  }
  await closeAll()
}

function testsOf(subject: Subject, calls: Calls, samples: Samples): SuiteTest[] {
  return [
    ...registeringTests(subject),
    ...instanceTests(subject),
    ...partTests(subject, samples),
    ...failingTests(subject, calls),
    ...closingTests(subject),
  ]
}

/** Of something that may be none. */
function nameOf(extension: unknown): string {
  try {
    return String(Object(extension).name)
  } catch {
    return 'without a name'
  }
}

function wrong(why: string, option: string): DruidError<'CONFIG'> {
  return new DruidError('CONFIG', `describeExtension: ${why}`, { option })
}
