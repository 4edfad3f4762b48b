import {
  type AddressMapper,
  byExtensions,
  type ClusterOptions,
  cluster,
  dockerHosts,
  dockerPorts,
  firstOf,
  identity,
  kubernetesServices,
  type MappedService,
  portForwards,
  type ServerAddress,
  type Service,
  urlTemplate,
  withTls,
} from '@druid/cluster'
import { connect } from '@druid/core'
import { expectTypeOf, test } from 'vitest'

test('any function of a server is a mapper, and mappers are made of mappers', () => {
  const map: AddressMapper = ({ role, host, plaintextPort, secure }) => {
    expectTypeOf(secure).toEqualTypeOf<boolean>()
    return role === 'broker' ? new URL(`http://${host}:${plaintextPort + 1}`) : undefined
  }
  expectTypeOf(
    firstOf(
      map,
      (server) => {
        expectTypeOf(server).toEqualTypeOf<ServerAddress>()
        return undefined
      },
      withTls('require', dockerPorts({ 8081: 18081 })),
      dockerHosts({ h: { 8083: 18083 } }),
      kubernetesServices({ namespace: 'druid', service: { broker: 'druid-broker' } }),
      portForwards({ coordinator: 18081 }),
      urlTemplate({ router: 'http://localhost:8888' }),
      byExtensions,
      identity,
    ),
  ).toEqualTypeOf<AddressMapper>()
  // @ts-expect-error a mapper gives a URL, which credentials go to
  firstOf(() => 'http://localhost')
  // @ts-expect-error one of three
  withTls('always', identity)
  // @ts-expect-error ports are numbers
  dockerPorts({ 8081: '18081' })
  // @ts-expect-error the namespace is needed
  kubernetesServices({ service: 'druid-{role}' })
})

test('what the cluster tells of its services', async () => {
  const options: ClusterOptions = { through: 'router', refreshInterval: 30_000, mapUrl: identity }
  const druid = connect('http://localhost:8888', { extensions: [cluster.with(options)] })
  expectTypeOf(druid.cluster().services()).resolves.toEqualTypeOf<readonly Service[]>()
  expectTypeOf(druid.cluster().explainMapping()).resolves.toEqualTypeOf<readonly MappedService[]>()
  expectTypeOf(druid.cluster().whatIs('http://x')).resolves.toEqualTypeOf<string[]>()
  expectTypeOf<MappedService['through']>().toEqualTypeOf<'direct' | 'router' | undefined>()
  void druid.cluster().untilReady({ roles: { historical: 2 } })
  void druid.cluster().untilReady({ roles: ['historical'] })
  // @ts-expect-error a number, or nothing
  void druid.cluster().untilReady({ roles: { historical: true } })
  // @ts-expect-error 'auto', 'direct' or 'router'
  cluster.with({ through: 'proxy' })
})
