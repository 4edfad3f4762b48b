import { counted, type Found } from './finding.ts'
import type { HealthSetup } from './setup.ts'

/** There are workers, and they take tasks. */
export async function checkWorkers({ overlord, options }: HealthSetup): Promise<Found[]> {
  const workers = await overlord.workers(options)
  const slots = workers.reduce((sum, { worker }) => sum + worker.capacity, 0)
  if (workers.length === 0) {
    const capacity = await overlord.totalWorkerCapacity(options)
    // Where tasks run as pods, there are none, and still slots.
    if (capacity.currentClusterCapacity > 0) return []
    const problem = 'There is no worker: tasks wait'
    const advice = 'Start a MiddleManager or an Indexer.'
    return [{ severity: 'critical', subject: 'workers', problem, advice, facts: { ...capacity } }]
  }
  const used = workers.reduce((sum, { currCapacityUsed }) => sum + currCapacityUsed, 0)
  const findings = workers.flatMap(({ worker, blacklistedUntil, runningTasks }): Found[] => {
    const subject = `worker ${worker.host}`
    const facts = { ...worker, blacklistedUntil, runningTasks }
    if (blacklistedUntil) {
      const problem = `It is given no tasks until ${blacklistedUntil}, as too many failed there`
      return [{ severity: 'warning', subject, problem, advice: 'Look at its log.', facts }]
    }
    if (worker.version !== '') return []
    const problem = 'It is disabled: it is given no tasks'
    const advice = 'overlordClient().enableWorker() lets it work again.'
    return [{ severity: 'notice', subject, problem, advice, facts }]
  })
  if (used < slots) return findings
  const problem = `All ${counted(slots, 'slot')} are in use: further tasks wait`
  const advice = 'Add workers, raise druid.worker.capacity, or let fewer tasks run at once.'
  const facts = { slots, used, workers: workers.length }
  return [...findings, { severity: 'notice', subject: 'workers', problem, advice, facts }]
}
