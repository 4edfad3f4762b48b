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
}

export const DEFAULT_VERSION = '33.0.0'

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
