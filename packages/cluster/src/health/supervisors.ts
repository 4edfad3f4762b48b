import { isDruidError } from '@druid/core/extension'
import type { SupervisorState, SupervisorStatus } from '../roles/overlord/supervisor.ts'
import { counted, type Found, inShort } from './finding.ts'
import type { HealthSetup } from './setup.ts'

/** Supervisors are healthy, and not far behind. */
export async function checkSupervisors(setup: HealthSetup): Promise<Found[]> {
  const { overlord, options } = setup
  const states = await overlord.supervisors.states(options)
  const found = await Promise.all(
    states.map(async (state) => {
      const status = await overlord.supervisors
        .status(state.id, options)
        .then((report) => report.payload)
        .catch((error: unknown) => {
          // Not every type has one, and one may just have been terminated.
          if (isDruidError(error, 'NOT_FOUND')) return undefined
          throw error
        })
      return findingsOf(state, status, setup)
    }),
  )
  return found.flat()
}

function findingsOf(
  { id, state, detailedState, healthy, suspended }: SupervisorState,
  status: SupervisorStatus | undefined,
  setup: HealthSetup,
): Found[] {
  const subject = `supervisor ${id}`
  const { recentErrors = [], stream } = status ?? {}
  const said = status?.detailedState ?? detailedState ?? state
  if (status?.suspended ?? suspended) {
    const problem = 'It is suspended: it reads nothing'
    const advice = `cluster().supervisor('${id}').resume() lets it go on.`
    return [{ severity: 'notice', subject, problem, advice, facts: { state, stream } }]
  }
  const findings: Found[] = []
  if (!(status?.healthy ?? healthy)) {
    const last = recentErrors.at(-1)
    findings.push({
      severity: 'critical',
      subject,
      problem: `It is unhealthy (${said})${last ? `: ${inShort(last.message)}` : ''}`,
      advice: last?.streamException
        ? 'See whether the stream is there, and can be reached from the Overlord and the workers.'
        : 'See its recent errors, and the logs and reports of its tasks.',
      facts: { state, detailedState: said, stream, recentErrors },
    })
  } else if (recentErrors.length > 0) {
    findings.push({
      severity: 'notice',
      subject,
      problem: `It had ${counted(recentErrors.length, 'error')} of late, the last: ${inShort(recentErrors.at(-1)?.message ?? '')}`,
      advice: 'If they go on, it becomes unhealthy; see the logs and reports of its tasks.',
      facts: { state, detailedState: said, stream, recentErrors },
    })
  }
  return [...findings, ...behind(subject, status, setup)]
}

function behind(
  subject: string,
  status: SupervisorStatus | undefined,
  { limits }: HealthSetup,
): Found[] {
  const lag = numberOf(status?.aggregateLag)
  const lagMillis = numberOf(status?.aggregateLagMillis)
  const isFar = (lag ?? 0) > limits.lag || (lagMillis ?? 0) > limits.lagMillis
  if (!isFar) return []
  const far = [
    lag !== undefined && counted(lag, 'message'),
    lagMillis !== undefined && `${Math.round(lagMillis / 1000)} s`,
  ]
  const problem = `It is ${far.filter(Boolean).join(', ')} behind its stream`
  const advice =
    'Give it more tasks (taskCount), or its tasks more room; see that they do not fail.'
  const { stream, minimumLag, offsetsLastUpdated } = status ?? {}
  const facts = { stream, lag, lagMillis, minimumLag, offsetsLastUpdated }
  return [{ severity: 'warning', subject, problem, advice, facts }]
}

/** As a number, for it is to be compared only. */
function numberOf(value: number | bigint | null | undefined): number | undefined {
  return value === null || value === undefined ? undefined : Number(value)
}
