import {
  type ClusterContext,
  type ClusterHost,
  defineExtension,
  type Extension,
  type ExtensionHost,
  type ServiceHost,
} from '@druid/core/extension'

/**
 * The least that may stand behind `client.cluster()`, for extensions with roles or cluster methods
 * where the test gives no other: one server for each role.
 */
export function standInCluster(urlOf: (role: string) => string): Extension<'cluster'> {
  class StandIn implements ClusterHost {
    readonly #context: ClusterContext
    readonly #hosts = new Map<string, ServiceHost>()

    constructor(_client: ExtensionHost, context: ClusterContext) {
      this.#context = context
    }

    async refresh(): Promise<void> {}

    serviceHost(role: string): ServiceHost {
      const known = this.#hosts.get(role)
      if (known !== undefined) return known
      const host = this.#context.service(new URL(urlOf(role)))
      this.#hosts.set(role, host)
      return host
    }

    async serviceHosts(role: string): Promise<readonly ServiceHost[]> {
      return [this.serviceHost(role)]
    }
  }
  return defineExtension({ name: 'cluster', summary: 'Stand-in cluster', cluster: StandIn })
}
