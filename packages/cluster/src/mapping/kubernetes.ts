import { hostInUrl, isPort, nameOf, portsOf, urlOf } from './address.ts'
import { type AddressMapper, called, type ServerAddress, wrongMapper } from './mapper.ts'
import { checkedTemplates, filled, filledUrl, type Templates } from './template.ts'

export interface KubernetesServicesOptions {
  readonly namespace: string
  /**
   * Name of the Kubernetes service, with placeholders as in {@link urlTemplate}: `druid-{role}`, or for
   * the pod of a StatefulSet `{name}.druid-historicals`; or one by role. Of a role `{role}` has dashes
   * here: `middle-manager`.
   */
  readonly service: Templates
  /** Default `cluster.local`. */
  readonly clusterDomain?: string | undefined
}

/**
 * For a client that runs in the same Kubernetes cluster: the DNS names of its services, with the ports
 * that Druid has. A service in front of several Coordinators may answer by one that does not lead: give
 * their pods a headless one, and use `{name}`.
 *
 * @example kubernetesServices({ namespace: 'druid', service: 'druid-{role}' })
 * @throws DruidError `CONFIG` for names that are none.
 */
export function kubernetesServices(options: KubernetesServicesOptions): AddressMapper {
  const what = 'kubernetesServices'
  const { namespace, service, clusterDomain = 'cluster.local' } = Object(options)
  const domain = `${namespace}.svc.${clusterDomain}`
  if (typeof namespace !== 'string' || hostInUrl(domain) === undefined) {
    throw wrongMapper(`${what}: "${domain}" is no domain; it wants { namespace, service }`)
  }
  const isHost = (text: string): boolean => hostInUrl(text) !== undefined
  const serviceOf = checkedTemplates(what, service, isHost)
  return called(what, (server) => {
    const [served] = portsOf(server)
    const name = filled(serviceOf(server.role), dashed(server))
    if (served === undefined || name === undefined) return undefined
    return urlOf(served.scheme, `${name}.${domain}`, served.port)
  })
}

/**
 * For services behind an Ingress: a template of the URL, as {@link urlTemplate} has it, or one by role.
 * Of a role `{role}` has dashes here: `middle-manager`.
 *
 * @example kubernetesIngress('https://{role}.druid.example.com')
 * @throws DruidError `CONFIG` for what is no template.
 */
export function kubernetesIngress(templates: Templates): AddressMapper {
  const templateOf = checkedTemplates('kubernetesIngress', templates)
  return called('kubernetesIngress', (server) => {
    return filledUrl(templateOf(server.role), dashed(server))
  })
}

/**
 * For `kubectl port-forward`: what it forwards → port here. What is forwarded is a host as Druid lists
 * it, with its port or without, the name of a pod (the host up to its first dot), or a role, which stands
 * for all of its servers. What is not listed it does not know.
 *
 * @example portForwards({ coordinator: 18081, 'druid-historical-0': 18083 })
 * @throws DruidError `CONFIG` for what is no port.
 */
export function portForwards(
  ports: Readonly<Record<string, number>>,
  { host = 'localhost' }: { readonly host?: string | undefined } = {},
): AddressMapper {
  const what = 'portForwards'
  if (hostInUrl(host) === undefined) throw wrongMapper(`${what}: "${host}" is no host`)
  const forwarded = new Map<string, number>()
  for (const [name, port] of Object.entries(Object(ports) as typeof ports)) {
    if (!isPort(port)) throw wrongMapper(`${what}: ${String(port)} is no port`)
    forwarded.set(name.toLowerCase(), port)
  }
  return called(what, (server) => {
    const name = String(server.host).toLowerCase()
    const served = portsOf(server)
    const exact = served.find(({ port }) => forwarded.has(`${name}:${port}`))
    const one = exact ?? served[0]
    if (one === undefined) return undefined
    const keys = [`${name}:${one.port}`, name, nameOf(name) ?? name, server.role]
    const key = keys.find((it) => forwarded.has(it))
    const here = key === undefined ? undefined : forwarded.get(key)
    return here === undefined ? undefined : urlOf(one.scheme, host, here)
  })
}

/** Names of Kubernetes have no underscores. */
function dashed(server: ServerAddress): ServerAddress {
  return { ...server, role: server.role.replaceAll('_', '-') }
}
