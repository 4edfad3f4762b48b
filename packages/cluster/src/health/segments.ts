import { counted, type Found } from './finding.ts'
import type { HealthSetup } from './setup.ts'

/** All segments in use are on a server. */
export async function checkSegments({ coordinator, options }: HealthSetup): Promise<Found[]> {
  const [missing, percents] = await Promise.all([
    coordinator.loadStatusCounts(options),
    coordinator.loadStatus(options),
  ])
  // The counts are those of the last run of the Coordinator, up to a minute ago; the percents are of now.
  return Object.entries(percents)
    .filter(([, percentLoaded]) => percentLoaded < 100)
    .sort(([, a], [, b]) => a - b)
    .map(([dataSource, percentLoaded]) => {
      const unavailable = missing[dataSource] ?? 0
      const isOne = unavailable === 1
      const problem =
        unavailable > 0
          ? `${counted(unavailable, 'segment')} of it ${isOne ? 'is' : 'are'} on no server: queries lack ${isOne ? 'its' : 'their'} rows`
          : `Only ${Math.floor(percentLoaded)} % of its segments are on servers: queries lack rows`
      return {
        severity: 'critical',
        subject: `data source ${dataSource}`,
        problem,
        advice:
          'After an ingestion, wait; else see whether the servers of its tiers are up and have room, and the log of the Coordinator.',
        facts: { dataSource, unavailable, percentLoaded },
      }
    })
}

/** All segments have as many replicas as the rules ask for. */
export async function checkReplication({ coordinator, options }: HealthSetup): Promise<Found[]> {
  const [possible, asked] = await Promise.all([
    coordinator.loadStatusByTier({ ...options, computeUsingClusterView: true }),
    coordinator.loadStatusByTier(options),
  ])
  return Object.entries(asked).flatMap(([tier, counts]): Found[] => {
    // What its servers could hold, and do not yet.
    const lacking = Object.entries(possible[tier] ?? {}).filter(([, count]) => count > 0)
    const findings = lacking.map(([dataSource, underReplicated]): Found => {
      return {
        severity: 'warning',
        subject: `data source ${dataSource}`,
        problem: `${counted(underReplicated, 'segment')} of it lack${underReplicated === 1 ? 's' : ''} a replica in the tier ${tier}`,
        advice:
          'Wait while servers load; else see whether the tier has lost a server, or has no room.',
        facts: { dataSource, tier, underReplicated },
      }
    })
    const names = new Set(lacking.map(([dataSource]) => dataSource))
    const never = Object.entries(counts).filter(([name, count]) => count > 0 && !names.has(name))
    if (never.length === 0) return findings
    const segments = never.reduce((sum, [, count]) => sum + count, 0)
    const few: Found = {
      severity: 'notice',
      subject: `tier ${tier}`,
      problem: `It has fewer servers than the rules ask replicas: ${counted(segments, 'segment')} would be gone with one server`,
      advice: 'Add a Historical to the tier, or ask for fewer replicas in the rules.',
      facts: { tier, underReplicated: Object.fromEntries(never) },
    }
    return [...findings, few]
  })
}
