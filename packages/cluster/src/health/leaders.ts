import { isDruidError } from '@druid/core/extension'
import type { Found } from './finding.ts'
import type { HealthSetup } from './setup.ts'

/** Coordinator and Overlord have one leader each, and all agree on it. */
export async function checkLeaders(setup: HealthSetup): Promise<Found[]> {
  const roles = ['coordinator', 'overlord'] as const
  return (await Promise.all(roles.map((role) => leaderOf(role, setup)))).flat()
}

async function leaderOf(role: 'coordinator' | 'overlord', setup: HealthSetup): Promise<Found[]> {
  const services = (await setup.services()).filter((service) => service.role === role)
  const leading = services.filter(({ leader }) => leader).map(({ server }) => server)
  const facts = { services: services.map(({ server }) => server), leading }
  if (leading.length > 1) {
    const problem = `${leading.length} services say that they lead: ${leading.join(', ')}`
    const advice = 'Look at ZooKeeper, and at the network between these services.'
    return [{ severity: 'critical', subject: role, problem, advice, facts }]
  }
  const leader = await setup[role].leader(setup.options).catch((error: unknown) => {
    const isMapped = services.length === 0 || services.some(({ url }) => url !== undefined)
    if (isMapped && isNone(error)) return undefined
    throw error
  })
  if (leader !== undefined) return []
  const problem = 'There is no leader'
  const work = role === 'coordinator' ? 'segments are neither loaded nor moved' : 'no task starts'
  const advice = `Start one, or look at its log and at ZooKeeper: meanwhile ${work}.`
  return [{ severity: 'critical', subject: role, problem, advice, facts }]
}

/** Nobody is there, or those that are there lead not; not: one is there that is not reached from here. */
function isNone(error: unknown): boolean {
  if (isDruidError(error, 'NO_SERVICE')) return error.cause === undefined
  return isDruidError(error, 'SERVER') && (error.status === 503 || error.status === 307)
}
