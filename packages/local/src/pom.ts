import type { Artifact, DruidVersion } from './versions.ts'

/** Only Druid's SysMonitor needs it, and the repository that had it is gone. */
const SIGAR = 'org.hyperic:*'

/** The POM of all that Druid's services and ZooKeeper run from. */
export function servicesPom(version: string, { exclude, substitutes }: DruidVersion): string {
  const services = { groupId: 'org.apache.druid', artifactId: 'druid-services', version }
  return pomOf([
    dependency(services, [SIGAR, ...exclude]),
    ...substitutes.map((it) => dependency(it, ['*:*'])),
  ])
}

/** The POM of an extension: its own jars, without those of Druid. */
export function extensionPom(version: string, name: string, { extensions }: DruidVersion): string {
  const own = { groupId: 'org.apache.druid.extensions', artifactId: name, version }
  const more = extensions[name] ?? []
  return pomOf([
    dependency(own, [SIGAR, 'org.apache.druid:*']),
    ...more.map((it) => dependency(it, [SIGAR])),
  ])
}

/** The POM of a Kafka broker, and of what writes its log. */
export function kafkaPom(version: string): string {
  return pomOf([
    dependency({ groupId: 'org.apache.kafka', artifactId: 'kafka_2.13', version }, []),
    dependency({ groupId: 'org.slf4j', artifactId: 'slf4j-simple', version: '1.7.36' }, []),
  ])
}

function pomOf(dependencies: readonly string[]): string {
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>druid-local</groupId>
  <artifactId>jars</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
${dependencies.join('\n')}
  </dependencies>
</project>
`
}

function dependency(artifact: Artifact, exclusions: readonly string[]): string {
  return `    <dependency>
      <groupId>${artifact.groupId}</groupId>
      <artifactId>${artifact.artifactId}</artifactId>
      <version>${artifact.version}</version>
      <exclusions>${exclusions.map(exclusion).join('')}</exclusions>
    </dependency>`
}

function exclusion(coordinates: string): string {
  const [groupId, artifactId] = coordinates.split(':')
  return `<exclusion><groupId>${groupId}</groupId><artifactId>${artifactId}</artifactId></exclusion>`
}
