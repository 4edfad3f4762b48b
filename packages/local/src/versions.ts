/** What Maven can resolve of a Druid version, and how. */
export interface DruidVersion {
  /** `groupId:artifactId` that `druid-services` names and that cannot be resolved. */
  readonly exclude: readonly string[]
  /** What takes their place, each without its own dependencies: it must load, not run. */
  readonly substitutes: readonly Artifact[]
  /** Extensions that `startDruid({ extensions })` can load → artifacts that Druid does not bring. */
  readonly extensions: Readonly<Record<string, readonly Artifact[]>>
}

export interface Artifact {
  readonly groupId: string
  readonly artifactId: string
  readonly version: string
}

/** Versions whose jars resolve whole; of others only parts are published. */
const VERSIONS: Readonly<Record<string, DruidVersion>> = {
  '33.0.0': {
    exclude: [],
    substitutes: [],
    extensions: {
      'druid-datasketches': [],
      'druid-kafka-indexing-service': [],
    },
  },
  '27.0.0': {
    exclude: ['org.apache.druid:druid-indexing-hadoop'],
    // Its own does not resolve. Druid loads a class of it at the start, and never runs one.
    substitutes: [
      { groupId: 'org.apache.druid', artifactId: 'druid-indexing-hadoop', version: '28.0.0' },
    ],
    extensions: {
      'druid-multi-stage-query': [],
      'druid-basic-security': [],
      'druid-catalog': [],
    },
  },
}

export const DEFAULT_VERSION = '33.0.0'

/** The one whose clients Druid 33.0.0 has. */
export const KAFKA_VERSION = '3.9.0'

/** Throws for a version, or an extension of it, that cannot be resolved; names those that can. */
export function checkVersion(version: string, extensions: readonly string[]): DruidVersion {
  const known = VERSIONS[version]
  if (known === undefined) {
    throw new Error(
      `Druid ${version} cannot be started from Maven; ${Object.keys(VERSIONS).join(', ')} can. For another, unpack a distribution and give its folder as "home"`,
    )
  }
  for (const name of extensions) {
    if (Object.hasOwn(known.extensions, name)) continue
    throw new Error(
      `the extension "${name}" does not resolve for Druid ${version}; ${Object.keys(known.extensions).join(', ')} do. For another, unpack a distribution and give its folder as "home"`,
    )
  }
  return known
}
