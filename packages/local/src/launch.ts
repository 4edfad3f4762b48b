import { mkdir, rm, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { archiveFolder, archiveUse } from './archive.ts'
import { compiledJar } from './compile.ts'
import { derbyLog, type JvmSpec, logFileOf } from './jvm.ts'
import { LEASH } from './leash.ts'
import { HEAP, isGround, type Member } from './members.ts'
import { peonProperties } from './peon.ts'
import { type Prerequisites, tool } from './prerequisites.ts'
import type { Druid } from './resolve.ts'
import {
  type ClusterFacts,
  hostsFile,
  LOG4J,
  metadataArguments,
  type Properties,
  propertiesFile,
  propertiesOf,
  zookeeperProperties,
} from './services.ts'
import { clientTlsFlags } from './tls.ts'
import { tlsModule } from './tls-module.ts'

const JUL = '-Djava.util.logging.manager=org.apache.logging.log4j.jul.LogManager'

export interface LaunchOptions {
  readonly druid: Druid
  readonly found: Prerequisites
  readonly facts: ClusterFacts
  readonly members: readonly Member[]
  /** What was asked for beside what a start sets. */
  readonly overrides: (member: Member) => Properties
}

/** Lays out the data folder; what it gives tells how the JVM of a member is started in it. */
export async function launcher({
  druid,
  found,
  facts,
  members,
  overrides,
}: LaunchOptions): Promise<(member: Member) => Promise<Omit<JvmSpec, 'name'>>> {
  const { dataDir, tls, hosts } = facts
  for (const name of ['conf', 'log', 'tmp', 'zookeeper', 'segments']) {
    await mkdir(join(dataDir, name), { recursive: true })
  }
  await writeFile(join(dataDir, 'conf', 'log4j2.xml'), LOG4J)
  const hostsPath = join(dataDir, 'conf', 'hosts')
  await writeFile(hostsPath, hostsFile(members, hostname()))
  const flags = [
    JUL,
    ...(tls ? clientTlsFlags(dataDir) : []),
    ...(hosts === 'internal' ? [`-Djdk.net.hosts.file=${hostsPath}`] : []),
  ]
  // What an earlier start met says nothing of this one.
  for (const { name } of members) {
    await rm(logFileOf(dataDir, name), { force: true })
    await rm(derbyLog(dataDir, name), { force: true })
  }
  const shared = [await compiledJar(LEASH, found), ...druid.jars]
  const classPath = tls ? [...shared, await compiledJar(tlsModule(druid.jars), found)] : shared
  const archives = await archiveFolder(druid.version, found.javaBuild, shared)

  const configuration = async (member: Member, properties: Properties): Promise<string> => {
    const file = join(dataDir, 'conf', `${member.name}.properties`)
    await writeFile(file, propertiesFile(properties))
    return file
  }
  const program = async (
    member: Member,
  ): Promise<Pick<JvmSpec, 'mainClass' | 'args' | 'flags'>> => {
    if (member.kind === 'zookeeper') {
      return {
        mainClass: 'org.apache.zookeeper.server.ZooKeeperServerMain',
        args: [await configuration(member, zookeeperProperties(facts))],
        flags: [JUL, '-Dzookeeper.jmx.log4j.disable=true'],
      }
    }
    if (member.kind === 'metadata') {
      return {
        mainClass: 'org.apache.derby.drda.NetworkServerControl',
        args: metadataArguments(facts),
        flags: [JUL],
      }
    }
    const properties = {
      ...propertiesOf(member, facts),
      ...(member.kind === 'middleManager' && peonProperties(dataDir, tool(found.javaBin, 'java'))),
      ...overrides(member),
    }
    const file = await configuration(member, properties)
    return {
      mainClass: 'org.apache.druid.cli.Main',
      args: ['server', member.kind],
      flags: [`-Ddruid.properties.file=${file}`, ...flags],
    }
  }
  return async (member) => {
    const readOnly = member.number > 1 || classPath !== shared
    const { javaBin, javaVersion } = found
    return {
      javaBin,
      classPath,
      dataDir,
      heap: HEAP[member.kind],
      leashDelay: isGround(member) ? 15_000 : 0,
      archive: await archiveUse(archives, member.kind, { dataDir, javaVersion, readOnly }),
      ...(await program(member)),
    }
  }
}
