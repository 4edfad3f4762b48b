/** One service of the cluster, as Druid lists it or the option `services` names it. */
export interface Service {
  /** `sys.servers.server_type`: `coordinator`, `overlord`, `broker`, `router`, `historical`, … */
  readonly role: string
  /** Where this connection reaches it, after mapping. `undefined`: no mapper knows it. */
  readonly url: URL | undefined
  /** `host:port` as Druid itself has it; the URL's for a service named by the option. */
  readonly server: string
  /** Whether it leads its role; `undefined` for roles without a leader, and where it is not known. */
  readonly leader: boolean | undefined
  /** Of a Historical, e.g. `_default_tier`. */
  readonly tier: string | undefined
  /** Who told of it: `sys.servers`, the `coordinator` (where SQL does not tell), or the `option` services. */
  readonly source: ServiceSource
}

export type ServiceSource = 'sys.servers' | 'coordinator' | 'option'

/** Names a service for a role that Druid does not list, or one that only the application knows. */
export interface NamedService {
  readonly role: string
  readonly url: string | URL
}
