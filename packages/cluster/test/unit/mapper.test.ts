import {
  type AddressMapper,
  byExtensions,
  cluster,
  dockerHosts,
  dockerPorts,
  firstOf,
  identity,
  kubernetesIngress,
  kubernetesServices,
  portForwards,
  urlTemplate,
  withTls,
} from '@druid/cluster'
import { connect } from '@druid/core'
import { describe, expect, it } from 'vitest'

const server = { role: 'broker', host: '10.0.0.5', plaintextPort: 8082, tlsPort: -1, secure: false }
const pod = { ...server, role: 'historical', host: 'druid-historical-1.druid', plaintextPort: 8083 }
const both = { ...pod, tlsPort: 8283 }
const config = { code: 'CONFIG', option: 'mapUrl' }
const thrown = (make: () => unknown): unknown => {
  try {
    return make()
  } catch (error) {
    return error
  }
}

describe('the addresses of a cluster', () => {
  it('are those that Druid has, by the scheme of the connection where the server serves it', () => {
    const both = { ...server, tlsPort: 8282 }
    expect(identity(server)?.href).toBe('http://10.0.0.5:8082/')
    expect(identity({ ...server, secure: true })?.href).toBe('http://10.0.0.5:8082/')
    expect(identity(both)?.href).toBe('http://10.0.0.5:8082/')
    expect(identity({ ...both, secure: true })?.href).toBe('https://10.0.0.5:8282/')
    expect(identity({ ...both, plaintextPort: -1 })?.href).toBe('https://10.0.0.5:8282/')
    expect(identity({ ...server, plaintextPort: -1 })).toBeUndefined()
    expect(identity({ ...server, host: 'fe80::1' })?.href).toBe('http://[fe80::1]:8082/')
  })

  it.each([null, '', 'a b', 'evil/x', 'evil?x', 'user@evil', 'a#b', 'fe80::1%eth0', 17])(
    'are none for the host %j, rather than another place',
    (host) => {
      const odd = { ...server, host: host as string }
      expect(identity(odd)).toBeUndefined()
      expect(urlTemplate('http://{host}:1')(odd)).toBeUndefined()
      expect(urlTemplate('http://x/{name}')(odd)).toBeUndefined()
    },
  )

  it.each([99_999, 0, Number.NaN, null])('are none for the port %j', (plaintextPort) => {
    expect(identity({ ...server, plaintextPort: plaintextPort as number })).toBeUndefined()
  })

  it('hold no credentials, which belong to the connection', () => {
    const services = [{ role: 'bar', url: 'http://me:secret@localhost:1' }]
    const [report] = connect('http://localhost:1', {
      extensions: [cluster.with({ services })],
      onExtensionError: 'silent',
    }).extensions()
    expect(report?.status).toBe('failed')
    expect(report?.error?.message).toMatch(/holds credentials/)
    expect(JSON.stringify(report)).not.toContain('secret')
  })
})

describe('containers', () => {
  it('have their published ports on one machine, whatever their hosts are called', () => {
    const map = dockerPorts({ 8082: 18082 })
    expect(map(server)?.href).toBe('http://localhost:18082/')
    expect(map({ ...server, plaintextPort: 8083 })?.href).toBe('http://localhost:8083/')
    expect(map({ ...server, plaintextPort: -1, tlsPort: 8082 })?.href).toBe(
      'https://localhost:18082/',
    )
    const both = { ...server, tlsPort: 8282, secure: true }
    expect(dockerPorts({ 8082: 18082, 8282: 18282 })(both)?.href).toBe('https://localhost:18282/')
    // Only the other one is published.
    expect(dockerPorts({ 8082: 18082 })(both)?.href).toBe('http://localhost:18082/')
    expect(dockerPorts({}, { host: 'vm' })(server)?.href).toBe('http://vm:8082/')
  })

  it('are hosts of their own, where several have the same port', () => {
    const map = dockerHosts({ 'historical-1': { 8083: 18083 }, 'Historical-2': { 8083: 28083 } })
    const at = (host: string, port = 8083) => map({ ...pod, host, plaintextPort: port })?.href
    expect(at('historical-1')).toBe('http://localhost:18083/')
    expect(at('historical-2')).toBe('http://localhost:28083/')
    expect(at('historical-3')).toBeUndefined()
    expect(at('historical-1', 8091)).toBeUndefined()
    const tls = dockerHosts({ h: { 8283: 18283 } }, { host: '::1' })
    expect(tls({ ...both, host: 'h' })?.href).toBe('https://[::1]:18283/')
  })

  it.each([
    ['a port that is none', () => dockerPorts({ 8082: 99_999 }), '99999 is no port'],
    ['a host that is none', () => dockerPorts({}, { host: 'a/b' }), '"a/b" is no host'],
    ['no ports', () => dockerHosts({ h: 8083 as never }), 'port of the container'],
    ['ports that are text', () => dockerHosts({ h: { 8083: '1' as never } }), '1 is no port'],
    ['ports that are null', () => dockerPorts(null as never), 'port of the container'],
  ])('refuse %s', (_, make, why) => {
    expect(thrown(make)).toMatchObject({ ...config, message: expect.stringContaining(why) })
  })
})

describe('a URL template', () => {
  it('is filled with what Druid has of the server', () => {
    const map = urlTemplate('{scheme}://{name}.{role}.example.com:{port}/{index}/{plaintextPort}')
    expect(map(pod)?.href).toBe('http://druid-historical-1.historical.example.com:8083/1/8083')
    expect(urlTemplate('https://x/{host}/{tlsPort}')({ ...both })?.pathname).toBe(
      '/druid-historical-1.druid/8283',
    )
    expect(map({ ...both, secure: true })?.origin).toBe(
      'https://druid-historical-1.historical.example.com:8283',
    )
  })

  it('does not know a server that has not what it asks for', () => {
    expect(urlTemplate('https://x/{tlsPort}')(pod)).toBeUndefined()
    expect(urlTemplate('https://x/{index}')({ ...pod, host: 'historical' })).toBeUndefined()
    expect(urlTemplate('https://x/{name}')(server)).toBeUndefined()
    expect(urlTemplate('https://x/{role}')({ ...pod, role: '../x' })).toBeUndefined()
  })

  it('is one of a role, where it is given by role', () => {
    const map = urlTemplate({ coordinator: 'http://localhost:18081' })
    expect(map({ ...server, role: 'coordinator' })?.href).toBe('http://localhost:18081/')
    expect(map(server)).toBeUndefined()
    expect(map({ ...server, role: 'toString' })).toBeUndefined()
  })

  it.each([
    ['a placeholder that nobody knows', 'http://{hots}:1', /\{hots\} is none of \{role\}/],
    ['what is no URL', 'nowhere/{host}', /does not make a URL/],
    ['another scheme', 'ftp://{host}', /does not make a URL/],
    ['credentials', 'http://me:s3cret@{host}', /does not make a URL without credentials/],
    ['a number', 17, /a template, or/],
    ['null', null, /a template, or/],
    ['a template of a role that is none', { broker: 17 }, /does not make a URL/],
  ])('refuses %s', (_, template, why) => {
    const error = thrown(() => urlTemplate(template as never))
    expect(error).toMatchObject({ ...config, message: expect.stringMatching(why) })
    expect(String(error)).not.toContain('s3cret')
  })
})

describe('Kubernetes', () => {
  it('has the DNS names of its services, for a client within', () => {
    const map = kubernetesServices({ namespace: 'druid', service: 'druid-{role}' })
    expect(map(pod)?.href).toBe('http://druid-historical.druid.svc.cluster.local:8083/')
    expect(map({ ...pod, role: 'middle_manager' })?.hostname).toBe(
      'druid-middle-manager.druid.svc.cluster.local',
    )
    const pods = kubernetesServices({
      namespace: 'data',
      service: { historical: '{name}.druid-historicals' },
      clusterDomain: 'k8s.example.com',
    })
    expect(pods({ ...both, secure: true })?.href).toBe(
      'https://druid-historical-1.druid-historicals.data.svc.k8s.example.com:8283/',
    )
    expect(pods(server)).toBeUndefined()
  })

  it('has an Ingress, by a template', () => {
    const map = kubernetesIngress('https://{role}.druid.example.com/{name}')
    expect(map({ ...pod, role: 'middle_manager' })?.href).toBe(
      'https://middle-manager.druid.example.com/druid-historical-1',
    )
    const byRole = kubernetesIngress({ historical: 'https://druid.example.com/h/{index}' })
    expect(byRole(pod)?.href).toBe('https://druid.example.com/h/1')
    expect(byRole(server)).toBeUndefined()
  })

  it('has forwarded ports: of an address, a host, a pod or a role, the closest first', () => {
    const map = portForwards({
      historical: 1,
      'druid-historical-1': 2,
      'druid-historical-2.druid': 3,
      'druid-historical-3.druid:8283': 4,
    })
    const at = (n: number, more = {}) =>
      map({ ...both, host: `druid-historical-${n}.druid`, ...more })
    expect(at(0)?.href).toBe('http://localhost:1/')
    expect(at(1)?.href).toBe('http://localhost:2/')
    expect(at(2)?.href).toBe('http://localhost:3/')
    expect(at(3)?.href).toBe('https://localhost:4/')
    expect(at(1, { secure: true })?.href).toBe('https://localhost:2/')
    expect(at(4, { role: 'broker' })).toBeUndefined()
    expect(map({ ...pod, plaintextPort: -1 })).toBeUndefined()
  })

  it.each([
    ['no namespace', () => kubernetesServices({ service: 'x' } as never), 'no domain'],
    ['no options', () => kubernetesServices(undefined as never), 'no domain'],
    [
      'a namespace that is none',
      () => kubernetesServices({ namespace: 'a/b', service: 'x' }),
      'no',
    ],
    [
      'a service that is none',
      () => kubernetesServices({ namespace: 'a', service: 'x/y' }),
      'a template',
    ],
    ['a port that is none', () => portForwards({ broker: 0 }), '0 is no port'],
    ['a host that is none', () => portForwards({}, { host: '' }), 'no host'],
  ])('refuses %s', (_, make, why) => {
    expect(thrown(make)).toMatchObject({ ...config, message: expect.stringContaining(why) })
  })
})

describe('mappers together', () => {
  it('are asked in turn, the first answer wins', () => {
    const asked: string[] = []
    const says = (name: string, url?: string): AddressMapper => {
      return () => {
        asked.push(name)
        return url === undefined ? undefined : new URL(url)
      }
    }
    const map = firstOf(says('a'), says('b', 'http://b'), says('c', 'http://c'))
    expect(map(server)?.href).toBe('http://b/')
    expect(asked).toEqual(['a', 'b'])
    expect(firstOf()(server)).toBeUndefined()
    expect(firstOf(says('d'), firstOf(says('e', 'http://e')))(server)?.href).toBe('http://e/')
    expect(thrown(() => firstOf('http://x' as never))).toMatchObject(config)
  })

  it('pass on what the extensions say', () => {
    const extensions = () => new URL('http://pod')
    expect(firstOf(byExtensions, identity)(server, { extensions })?.href).toBe('http://pod/')
    expect(firstOf(byExtensions, identity)(server)?.href).toBe('http://10.0.0.5:8082/')
    expect(withTls('avoid', byExtensions)(server, { extensions })?.href).toBe('http://pod/')
  })

  it('have preferences of their own for TLS', () => {
    expect(withTls('prefer', identity)(both)?.protocol).toBe('https:')
    expect(withTls('avoid', identity)({ ...both, secure: true })?.protocol).toBe('http:')
    expect(withTls('prefer', identity)(pod)?.protocol).toBe('http:')
    expect(withTls('require', identity)(both)?.href).toBe('https://druid-historical-1.druid:8283/')
    expect(withTls('require', identity)(pod)).toBeUndefined()
    const each = withTls('require', firstOf(dockerHosts({ x: { 1: 1 } }), dockerPorts()))
    expect(each(both)?.href).toBe('https://localhost:8283/')
    expect(each(pod)).toBeUndefined()
    expect(each.mappers?.map(({ name }) => name)).toEqual(['dockerHosts', 'dockerPorts'])
    expect(thrown(() => withTls('always' as never, identity))).toMatchObject(config)
    expect(thrown(() => withTls('prefer', undefined as never))).toMatchObject(config)
  })
})
