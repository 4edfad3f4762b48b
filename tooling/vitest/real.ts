import { cluster } from '@druid/cluster'
import { connect } from '@druid/core'
import { AIRPORTS, airportsTask, FLIGHTS, flightsTask } from '@druid/data'
import { type StartOptions, startDruid } from '@druid/local'
import type { TestProject } from 'vitest/node'

/** What tests of the projects `real` and `real-27` get by `inject(…)`. */
interface RealDruid {
  readonly druidVersion: string
  /** Of the Router; with the administrator's credentials where the Druid asks for some. */
  readonly druidUrl: string
  readonly brokerUrl: string
  /** With those of a user who may only read `flights`; empty where it asks for none. */
  readonly readerUrl: string
  /** Process id of the Broker: its threads show which queries it works on. */
  readonly brokerPid: number
}

declare module 'vitest' {
  interface ProvidedContext extends RealDruid {}
}

/** What is started for each project: the versions whose jars resolve whole, with what they can do. */
const PROJECTS: Readonly<Record<string, StartOptions>> = {
  real: { home: process.env.DRUID_HOME || undefined, extensions: ['druid-datasketches'] },
  'real-27': {
    version: '27.0.0',
    extensions: ['druid-multi-stage-query', 'druid-catalog'],
    security: {
      adminPassword: 'pässword "1"',
      users: [
        {
          name: 'reader',
          password: 'read only',
          permissions: [{ resource: { name: 'flights', type: 'DATASOURCE' }, action: 'READ' }],
        },
      ],
    },
  },
}

/** One Druid for all real tests, with the data sources `flights` and `airports`. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const options = PROJECTS[project.name]
  if (options === undefined) throw new Error(`there is no Druid for the project ${project.name}`)
  const druid = await startDruid({
    ...options,
    onProgress: ({ step, message }) => {
      if (step === 'ready' || step === 'warning') process.stderr.write(`${message}\n`)
    },
  })
  const { security } = options
  const [reader] = security?.users ?? []
  const druidUrl = withUser(druid.routerUrl, security && 'admin', security?.adminPassword)
  try {
    await load(druidUrl)
  } catch (error) {
    await druid.stop()
    throw error
  }
  const broker = druid.services.find(({ name }) => name === 'broker')
  if (broker?.url === undefined) throw new Error('the local Druid has no service "broker"')
  project.provide('druidVersion', druid.version)
  project.provide('druidUrl', druidUrl)
  project.provide('brokerUrl', withUser(broker.url, security && 'admin', security?.adminPassword))
  project.provide(
    'readerUrl',
    reader ? withUser(druid.routerUrl, reader.name, reader.password) : '',
  )
  project.provide('brokerPid', broker.pid)
  return () => druid.stop()
}

function withUser(url: string, user: string | undefined, password: string | undefined): string {
  if (user === undefined || password === undefined) return url
  const credentials = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`
  return url.replace('://', `://${credentials}@`)
}

async function load(url: string): Promise<void> {
  await using client = connect(url, { extensions: [cluster] })
  const [flights, airports] = await Promise.all([
    client.cluster().ingest(await flightsTask('flights')),
    client.cluster().ingest(await airportsTask('airports')),
  ])
  if (flights.rows !== FLIGHTS || airports.rows !== AIRPORTS) {
    throw new Error(`loaded ${flights.rows} flights and ${airports.rows} airports`)
  }
}
