import type { Found } from './finding.ts'
import type { HealthSetup } from './setup.ts'

/** The Coordinator may do its work. */
export async function checkCoordination({ coordinator, options }: HealthSetup): Promise<Found[]> {
  const { pauseCoordination, decommissioningNodes } = await coordinator.config.get(options)
  const findings: Found[] = []
  if (pauseCoordination === true) {
    findings.push({
      severity: 'critical',
      subject: 'coordinator',
      problem: 'It is paused: segments are neither loaded, dropped nor moved',
      advice: 'Set pauseCoordination to false in its dynamic configuration.',
      facts: { pauseCoordination },
    })
  }
  if (Array.isArray(decommissioningNodes) && decommissioningNodes.length > 0) {
    findings.push({
      severity: 'notice',
      subject: 'coordinator',
      problem: `It moves all segments away from ${decommissioningNodes.join(', ')}`,
      advice:
        'When they are empty, stop them, and take them out of decommissioningNodes in its dynamic configuration.',
      facts: { decommissioningNodes },
    })
  }
  return findings
}
