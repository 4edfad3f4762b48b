import {
  type ClusterContext,
  type ClusterHost,
  defineExtension,
  type ExtensionHost,
  type ServiceHost,
} from '@druid/core/extension'

/** The least that may stand behind `client.cluster()`: fixed servers, and no requests. */
export class FakeCluster implements ClusterHost {
  readonly client: ExtensionHost
  readonly context: ClusterContext
  /** Role → the servers that live. */
  readonly servers = new Map<string, ServiceHost[]>()

  constructor(client: ExtensionHost, context: ClusterContext) {
    this.client = client
    this.context = context
  }

  async refresh(): Promise<void> {}

  serviceHost(role: string): ServiceHost {
    return fakeService(`http://${role}-leader`)
  }

  async serviceHosts(role: string): Promise<readonly ServiceHost[]> {
    return this.servers.get(role) ?? []
  }

  /** A method of its own, which no other extension may take. */
  services(): string[] {
    return [...this.servers.keys()]
  }
}

export function fakeService(url: string): ServiceHost {
  return {
    url: new URL(url),
    async request<T>(method: string, path: string): Promise<T> {
      return `${method} ${url}${path}` as T
    },
  }
}

export const fakeCluster = defineExtension({ name: 'cluster', cluster: FakeCluster })
