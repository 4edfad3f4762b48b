import type { Transport, TransportBody, TransportResponse } from '@druid/core'
import type {
  AnyExtension,
  ClusterHost,
  RegistrationContext,
  ServiceHost,
} from '@druid/core/extension'

/** Told what was called. */
type See = (text: string) => void

/** Sends nothing, and answers nothing but that a query was cancelled. */
export function silentTransport(see: See): Transport {
  return {
    name: 'silent',
    request({ method, url, signal }): Promise<TransportResponse> {
      see(`sends ${method} ${url.pathname}`)
      if (method === 'DELETE') return Promise.resolve({ status: 202, headers: new Headers(), body })
      return new Promise((_, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason))
      })
    },
    close: async () => {},
  }
}

const body: TransportBody = {
  async *[Symbol.asyncIterator]() {},
  discard() {},
  trailers: () => undefined,
}

/** Stands for an extension that is required: a client of which anything may be asked. */
export function standIn(name: string, apiVersion: number): AnyExtension {
  return registering(name, apiVersion, (context) => {
    context.client = class {
      constructor() {
        // biome-ignore lint/correctness/noConstructorReturn: whatever is asked of it is there
        return anything(() => {})
      }
    }
  })
}

/** Stands for `@druid/cluster`: of every role there is one server, and the clients of its roles. */
export function standInCluster(apiVersion: number, see: See): AnyExtension {
  class StandInCluster implements ClusterHost {
    constructor() {
      // biome-ignore lint/correctness/noConstructorReturn: the role clients of others are there
      return new Proxy(this, {
        get(target, key, receiver) {
          if (key in target || typeof key !== 'string' || !/Clients?$/.test(key)) {
            return Reflect.get(target, key, receiver)
          }
          return () => anything((path) => see(`calls cluster().${key}()${path}`))
        },
      })
    }
    async refresh(): Promise<void> {}
    serviceHost(role: string): ServiceHost {
      return {
        url: undefined,
        request(method, path) {
          see(`sends ${method} ${path} to a server of the role ${role}`)
          return new Promise(() => {})
        },
      }
    }
    async serviceHosts(role: string): Promise<readonly ServiceHost[]> {
      return [this.serviceHost(role)]
    }
  }
  return registering('cluster', apiVersion, (context) => {
    context.cluster = StandInCluster
  })
}

function registering(
  name: string,
  apiVersion: number,
  registerClient: (context: RegistrationContext) => void,
): AnyExtension {
  return { '~druid': { apiVersion }, name, registerClient }
}

/** Has every property; each is a function that gives the same again. No promise. */
function anything(called: (path: string) => void, path = ''): object {
  return new Proxy(function any() {}, {
    get(target, key) {
      if (typeof key === 'symbol' || key === 'then') return undefined
      if (key === 'prototype') return target.prototype
      return anything(called, `${path}.${key}`)
    },
    apply() {
      called(`${path}()`)
      return anything(called, `${path}()`)
    },
  })
}
