import type { ServiceHost } from '@druid/core/extension'
import { BrokerService } from '../roles/broker.ts'
import { CommonService } from '../roles/common.ts'
import { HistoricalService } from '../roles/historical.ts'
import { counted, type Found } from './finding.ts'
import type { HealthSetup } from './setup.ts'

/** What a cluster cannot do without, and what is not done where it is missing. */
const NEEDED: Readonly<Record<string, string>> = {
  coordinator: 'segments are neither loaded nor moved',
  overlord: 'no task starts',
  broker: 'no query is answered',
  historical: 'nothing that was stored can be queried',
}

/** There is one of each role, and each answers, and has what it needs to answer queries. */
export async function checkServices(setup: HealthSetup): Promise<Found[]> {
  const services = await setup.services()
  const missing = Object.entries(NEEDED).flatMap(([role, consequence]): Found[] => {
    if (services.some((service) => service.role === role)) return []
    const problem = `There is none: ${consequence}`
    const advice = `Start a ${role}; one that runs and is not listed does not reach ZooKeeper.`
    return [{ severity: 'critical', subject: role, problem, advice, facts: {} }]
  })
  const unreached = services.flatMap(({ role, server, url, mapper, reachable, through, why }) => {
    if (reachable || through !== undefined) return []
    const others = services.filter((other) => other.role === role && other.reachable)
    const subject = `${role} ${server}`
    const problem = `It is in the cluster, and does not answer here: ${why}`
    const advice =
      'See whether it runs, and whether its address can be reached from here: explainMapping() says where it is looked for.'
    const severity = others.length === 0 ? 'unknown' : 'warning'
    return [{ severity, subject, problem, advice, facts: { url: url?.href, mapper, why } } as const]
  })
  const starting = await Promise.all([
    incomplete(setup, 'broker', (host) => new BrokerService(host).readiness(setup.options)),
    incomplete(setup, 'historical', (host) => new HistoricalService(host).readiness(setup.options)),
  ])
  return [...missing, ...unreached, ...starting.flat()]
}

/** Those of a role that have not yet what they need to answer whole. */
async function incomplete(
  setup: HealthSetup,
  role: string,
  isComplete: (host: ServiceHost) => Promise<boolean>,
): Promise<Found[]> {
  const findings = await eachReached(setup, role, async (host): Promise<Found[]> => {
    if (await isComplete(host)) return []
    const subject = `${role} ${host.url?.host}`
    const problem = 'It is still starting: it does not know all segments, or has not loaded them'
    const advice = 'Wait; until then its answers lack rows. If it lasts, look at its log.'
    return [{ severity: 'warning', subject, problem, advice, facts: { url: host.url?.href } }]
  })
  return findings.flat()
}

/** All services are of one version. */
export async function checkVersions(setup: HealthSetup): Promise<Found[]> {
  const roles = new Set((await setup.services()).map(({ role }) => role))
  const told = await Promise.all(
    [...roles].map((role) =>
      eachReached(setup, role, async (host) => {
        const { version } = await new CommonService(host).status(setup.options)
        return [`${role} ${host.url?.host}`, version] as const
      }),
    ),
  )
  const versions = Object.fromEntries(told.flat())
  const different = [...new Set(Object.values(versions))].sort()
  if (different.length < 2) return []
  const problem = `${counted(different.length, 'version')} of Druid run side by side: ${different.join(', ')}`
  const advice =
    'Fine during a rolling update: Historicals first, then Overlord, workers, Brokers and Coordinator. Else update those that were left out.'
  return [{ severity: 'warning', subject: 'cluster', problem, advice, facts: { versions } }]
}

/** Asks those that are reached; that others are not is a finding of its own. */
async function eachReached<T>(
  setup: HealthSetup,
  role: string,
  ask: (host: ServiceHost) => Promise<T>,
): Promise<T[]> {
  const reached = new Set(
    (await setup.services())
      .filter((service) => service.role === role && service.reachable)
      .map(({ url }) => url?.href),
  )
  const hosts = (await setup.hosts(role)).filter(({ url }) => reached.has(url?.href))
  return Promise.all(hosts.map(ask))
}
