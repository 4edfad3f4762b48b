import type { ServiceHost } from './host.ts'

/** Awaited before a request of an extension; rejects where it must not be sent. */
export type Ready = (signal: AbortSignal | undefined) => Promise<void>

/** The service whose requests wait for it. */
export function whenReady(service: ServiceHost, ready: Ready): ServiceHost {
  return {
    get url() {
      return service.url
    },
    async request<T>(...call: Parameters<ServiceHost['request']>): Promise<T> {
      await ready(call[3]?.signal)
      return service.request<T>(...call)
    },
  }
}
