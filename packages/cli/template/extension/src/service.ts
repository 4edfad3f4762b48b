import type { ExtensionHost, ServiceHost } from '@druid/core/extension'

/**
 * A service of the role `foo`: what `druid.cluster().fooClient()` gives, and
 * `fooClients()` for each of its live servers. Leave it out if your servers have no role of
 * their own: what the Router or the Broker answers is the work of the client class.
 */
export class FooService {
  readonly #service: ServiceHost

  /** It is given the service, and the connection's client, for whoever needs both. */
  constructor(service: ServiceHost, _client: ExtensionHost) {
    this.#service = service
  }

  /** The version of the service (`GET /status`, which every service of Druid has). */
  async version(): Promise<string> {
    // The service is found anew for each request: a leader may move.
    const status = await this.#service.request<{ version: string }>('GET', '/status')
    return status.version
  }
}
