import { checkNames } from '@druid/core/extension'
import type { FakeDruid, FakeDruidOptions } from '../fake/fake.ts'
import type { Faults } from './faults.ts'
import { wrongFault } from './problem.ts'
import type { TlsMode } from './tls.ts'

/** Options of {@link faultServer}: what it answers, as `fakeDruid` takes it. */
export interface FaultServerOptions extends Omit<FakeDruidOptions, 'servers'> {
  /** Default: plain HTTP. */
  readonly tls?: TlsMode | undefined
  /**
   * What the server is. Default: every role of Druid in one process. `['broker']` sends trailers, which a
   * Router drops.
   */
  readonly roles?: readonly string[] | undefined
}

/** A fake Druid behind a real socket, of which a test says what goes wrong. */
export interface FaultServer extends Faults {
  /** What answers: its `queries`, what is `running`, and what was `unanswered`. */
  readonly fake: FakeDruid
}

const ROLES = ['router', 'broker', 'coordinator', 'overlord', 'historical', 'middle_manager']

/**
 * A server with answers of its own, for tests of what an application does when the network, or what
 * is between it and Druid, fails: answers are those of `fakeDruid`, the sockets and the HTTP are real.
 * At `127.0.0.1`; Node only.
 *
 * @example
 * await using faults = await faultServer({ sql: [[/./, [{ a: 1 }]]] })
 * faults.next(cutAfter(20), { on: 'POST /druid/v2/sql' })
 * await assert.rejects(connect(faults.url).query('SELECT 1 AS a'), { code: 'TRUNCATED' })
 * @throws DruidError `CONFIG` for options that are none.
 */
export async function faultServer(options: FaultServerOptions = {}): Promise<FaultServer> {
  checkNames(options, ['version', 'sql', 'routes', 'gate', 'tls', 'roles'], 'faultServer')
  const { tls, roles = ROLES, ...answers } = options
  if (!Array.isArray(roles) || roles.length === 0) {
    throw wrongFault("roles is a list such as ['broker']", 'roles')
  }
  // Only here: it is of no use to those who want a Druid in memory, nor where there is no Node.
  const { openServer } = await import('./own.ts')
  const { faults, fake } = await openServer(answers, roles, tls)
  return { ...faults, fake }
}
