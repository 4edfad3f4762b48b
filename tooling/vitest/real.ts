import { cluster } from '@druid/cluster'
import { connect } from '@druid/core'
import { AIRPORTS, airportsTask, FLIGHTS, flightsTask } from '@druid/data'
import { type LocalDruid, startDruid } from '@druid/local'
import type { TestProject } from 'vitest/node'

/** What tests of the project `real` get by `inject(…)`. */
interface RealDruid {
  /** Of the Router. */
  readonly druidUrl: string
  readonly brokerUrl: string
  /** Process id of the Broker: its threads show which queries it works on. */
  readonly brokerPid: number
}

declare module 'vitest' {
  interface ProvidedContext extends RealDruid {}
}

/** One Druid for all real tests, with the data sources `flights` and `airports`. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const druid = await startDruid({
    home: process.env.DRUID_HOME || undefined,
    extensions: ['druid-datasketches'],
    onProgress: ({ step, message }) => {
      if (step === 'ready' || step === 'warning') process.stderr.write(`${message}\n`)
    },
  })
  try {
    await load(druid)
  } catch (error) {
    await druid.stop()
    throw error
  }
  project.provide('druidUrl', druid.routerUrl)
  project.provide('brokerUrl', `http://127.0.0.1:${druid.ports.broker}`)
  const broker = druid.services.find(({ name }) => name === 'broker')
  if (broker === undefined) throw new Error('the local Druid has no service "broker"')
  project.provide('brokerPid', broker.pid)
  return () => druid.stop()
}

async function load({ routerUrl }: LocalDruid): Promise<void> {
  await using client = connect(routerUrl, { extensions: [cluster] })
  const [flights, airports] = await Promise.all([
    client.cluster().ingest(await flightsTask('flights')),
    client.cluster().ingest(await airportsTask('airports')),
  ])
  if (flights.rows !== FLIGHTS || airports.rows !== AIRPORTS) {
    throw new Error(`loaded ${flights.rows} flights and ${airports.rows} airports`)
  }
}
