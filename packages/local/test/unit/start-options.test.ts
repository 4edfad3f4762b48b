import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkPrerequisites, startDruid } from '@druid/local'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { membersOf, portNames, SERVICE_NAMES } from '../../src/members.ts'
import {
  hostsFile,
  metadataArguments,
  propertiesFile,
  propertiesOf,
  zookeeperProperties,
} from '../../src/services.ts'

describe('what cannot be started', () => {
  it('is an unknown version, with those that can', async () => {
    await expect(startDruid({ version: '1.2.3' })).rejects.toThrow(
      /Druid 1\.2\.3 .* 33\.0\.0, 27\.0\.0 can/,
    )
  })

  it('is an unknown extension, with those that resolve', async () => {
    await expect(startDruid({ extensions: ['druid-hdfs-storage'] })).rejects.toThrow(
      /"druid-hdfs-storage" does not resolve .* druid-datasketches/,
    )
  })

  it('is an unknown service, or a cluster without a Router', async () => {
    await expect(startDruid({ services: { peon: 1 } as never })).rejects.toThrow(
      'no service "peon"',
    )
    await expect(startDruid({ serviceProperties: { peon: {} } as never })).rejects.toThrow(
      'no service "peon"',
    )
    const serviceProperties = { 'historical-3': {} }
    await expect(startDruid({ services: { historical: 2 }, serviceProperties })).rejects.toThrow(
      /no service "historical-3"; there are .*, historical-2$/,
    )
    await expect(startDruid({ services: { router: 0 } })).rejects.toThrow('the router is needed')
  })

  it('is a way of naming hosts that there is not', async () => {
    await expect(startDruid({ hosts: 'docker' as never })).rejects.toThrow('hosts: "docker"')
  })

  it('is a number of services that is none', async () => {
    for (const count of [-1, 1.5, 10, '2' as never]) {
      await expect(startDruid({ services: { historical: count } })).rejects.toThrow(
        `historical: ${count} is no number of services, from 0 to 9`,
      )
    }
  })
})

describe('prerequisites', () => {
  let bin: string
  beforeEach(async () => {
    bin = await mkdtemp(join(tmpdir(), 'prerequisites-'))
    vi.stubEnv('PATH', bin)
    vi.stubEnv('JAVA_HOME', '')
  })
  afterEach(async () => {
    vi.unstubAllEnvs()
    await rm(bin, { recursive: true, force: true })
  })

  async function command(name: string, output: string): Promise<void> {
    await writeFile(join(bin, name), `#!/bin/sh\necho '${output}'\n`)
    await chmod(join(bin, name), 0o755)
  }

  it('are named together, with the command that installs them and the ways without', async () => {
    const error = await checkPrerequisites().catch((e: Error) => e.message)
    expect(error).toContain('a JDK 17 (java was not found) and Maven (mvn)')
    expect(error).toContain('apt-get install openjdk-17-jdk-headless maven')
    expect(error).toContain('DRUID_HOME=')
    expect(error).toContain('DRUID_URL=')
  })

  it('are a JDK of 17, another with a warning, and none that cannot load Druid', async () => {
    await command('mvn', 'Apache Maven 3.8.7')
    await command('javac', 'javac 8')
    await command('java', 'openjdk version "1.8.0_402"')
    await expect(checkPrerequisites()).rejects.toThrow(
      'a JDK 17 (found openjdk version "1.8.0_402")',
    )
    await command('java', 'openjdk version "17.0.15" 2025-04-15')
    expect(await checkPrerequisites()).toMatchObject({ javaVersion: 17, warnings: [] })
    for (const version of [11, 21]) {
      await command('java', `openjdk version "${version}.0.2" 2023-10-17`)
      expect((await checkPrerequisites()).warnings[0]).toContain(`this is ${version}`)
    }
  })

  it('end with their signal, and nothing is called missing then', async () => {
    const controller = new AbortController()
    const reason = new Error('enough')
    await command('java', 'never')
    const asked = checkPrerequisites({ signal: controller.signal })
    controller.abort(reason)
    await expect(asked).rejects.toBe(reason)
  })

  it('are looked for in JAVA_HOME first, which the error then names', async () => {
    await command('java', 'openjdk version "17.0.15"')
    await command('javac', 'javac 17')
    vi.stubEnv('JAVA_HOME', '/nowhere')
    await expect(checkPrerequisites()).rejects.toThrow('not found in JAVA_HOME=/nowhere')
  })

  it('are no Maven where there is a distribution, which must be one', async () => {
    await command('java', 'openjdk version "17.0.15"')
    await command('javac', 'javac 17')
    await expect(checkPrerequisites({ home: bin })).rejects.toThrow(
      'no unpacked Druid distribution',
    )
    await mkdir(join(bin, 'lib'))
    await mkdir(join(bin, 'extensions'))
    expect(await checkPrerequisites({ home: bin })).toMatchObject({ javaVersion: 17 })
    await expect(startDruid({ home: bin })).rejects.toThrow('holds no druid-services jar')
  })
})

describe('services', () => {
  it('are one of each, several where wanted, and none where not', () => {
    expect(membersOf({}).map(({ name }) => name)).toEqual([
      'zookeeper',
      'metadata',
      ...SERVICE_NAMES.filter((name) => name !== 'middleManager'),
    ])
    const workers = membersOf({ indexer: 0, middleManager: 1 }).map(({ name }) => name)
    expect(workers.slice(-2)).toEqual(['router', 'middleManager'])
    const names = membersOf({ historical: 3, indexer: 0 }).map(({ name }) => name)
    expect(names.slice(-4)).toEqual(['historical', 'historical-2', 'historical-3', 'router'])
  })

  it('have a port each, and one for HTTPS, and Coordinators one for their Derby', () => {
    const names = portNames(membersOf({ coordinator: 2, router: 2 }), true)
    expect(names.filter((name) => name.includes('-'))).toEqual([
      'coordinator-derby',
      'coordinator-2',
      'coordinator-2-derby',
      'broker-tls',
      'router-tls',
      'router-2',
      'router-2-tls',
    ])
    expect(portNames(membersOf({}), false)).not.toContain('router-tls')
    expect(portNames(membersOf({ middleManager: 1 }), false)).toContain('middleManager-peon')
  })
})

describe('properties', () => {
  const ports = {
    zookeeper: 1,
    metadata: 2,
    coordinator: 3,
    broker: 4,
    historical: 5,
    router: 6,
    indexer: 7,
    'coordinator-derby': 8,
    'historical-2': 9,
    'indexer-2': 10,
  }
  const facts = { dataDir: '/data', ports, extensions: ['a'], extensionsFolder: '/ext' }

  const services = membersOf({ historical: 2, indexer: 2 }).slice(2)

  it('give every service its own port, on this machine only', () => {
    for (const member of services) {
      const properties = propertiesOf(member, facts)
      expect(properties['druid.plaintextPort']).toBe(ports[member.name as 'router'])
      expect(properties['druid.host']).toBe('127.0.0.1')
      expect(properties['druid.bindOnHost']).toBe(true)
      expect(properties['druid.extensions.loadList']).toBe('["a"]')
    }
  })

  it('give two of a kind no folder in common', () => {
    for (const key of ['druid.segmentCache.locations', 'druid.worker.baseTaskDirs']) {
      const values = services.map((it) => propertiesOf(it, facts)[key]).filter(Boolean)
      expect(new Set(values).size).toBe(2)
    }
  })

  it('lead Coordinators to a metadata store that outlives them', () => {
    const [coordinator] = services.map((it) => propertiesOf(it, facts))
    expect(coordinator).toMatchObject({
      'druid.metadata.storage.connector.connectURI': expect.stringContaining('//127.0.0.1:2/'),
      'druid.metadata.storage.connector.port': 8,
    })
    expect(metadataArguments(facts).join(' ')).toContain('-h 127.0.0.1 -p 2')
  })

  it('name hosts that only the cluster can resolve, where wanted', () => {
    const internal = services.map((it) => propertiesOf(it, { ...facts, hosts: 'internal' }))
    const hosts = internal.map((it) => String(it['druid.host']))
    expect(hosts.slice(0, 4)).toEqual(
      ['coordinator', 'broker', 'historical', 'historical-2'].map((it) => `${it}.druid.internal`),
    )
    const lines = hostsFile(services, 'machine').split('\n')
    for (const host of ['localhost', 'machine', ...hosts])
      expect(lines).toContain(`127.0.0.1 ${host}`)
  })

  it('are written so that Java reads them back', () => {
    expect(propertiesFile({ a: 'C:\\data', b: true, c: 1 })).toBe('a=C:\\\\data\nb=true\nc=1\n')
    expect(propertiesFile({ 'x:y': ' grün\n' })).toBe('x\\:y=\\ gr\\u00fcn\\n\n')
  })

  it('keep ZooKeeper on this machine too', () => {
    expect(zookeeperProperties(facts)).toMatchObject({
      dataDir: join('/data', 'zookeeper'),
      clientPort: 1,
      clientPortAddress: '127.0.0.1',
    })
  })
})
