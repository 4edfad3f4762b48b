import { counted, type Found } from './finding.ts'
import type { HealthSetup } from './setup.ts'

/** Servers have room, and no long queue of segments. */
export async function checkServers({
  coordinator,
  limits,
  options,
}: HealthSetup): Promise<Found[]> {
  const [servers, queues] = await Promise.all([
    coordinator.serverSummaries(options),
    coordinator.loadQueueSummaries(options),
  ])
  const full = servers.flatMap(({ host, tier, type, currSize, maxSize }): Found[] => {
    // Those that read streams have no size.
    if (maxSize <= 0 || currSize / maxSize < limits.serverFill) return []
    const percent = Math.floor((currSize / maxSize) * 100)
    const problem = `It is ${percent} % full: segments may find no room`
    const advice = `Add a server to the tier ${tier}, raise druid.server.maxSize, or let rules drop old segments.`
    const facts = { tier, currSize, maxSize }
    return [{ severity: 'warning', subject: `${type} ${host}`, problem, advice, facts }]
  })
  const queued = Object.entries(queues).flatMap(([host, queue]): Found[] => {
    const { segmentsToLoad, segmentsToDrop } = queue
    if (segmentsToLoad === 0) return []
    const problem = `It is still to load ${counted(segmentsToLoad, 'segment')}${segmentsToDrop > 0 ? `, and to drop ${segmentsToDrop}` : ''}`
    const advice = 'Wait; if it does not become less, look at its log and at its disk.'
    const severity = segmentsToLoad > limits.segmentsToLoad ? 'warning' : 'notice'
    return [{ severity, subject: `server ${host}`, problem, advice, facts: { ...queue } }]
  })
  return [...full, ...queued]
}
