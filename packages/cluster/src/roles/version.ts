import {
  abortable,
  DruidError,
  type RequestOptions,
  type ServiceHost,
  versionFits,
} from '@druid/core/extension'

/** Of each server once; what failed is asked again. */
const versions = new WeakMap<ServiceHost, Promise<string>>()

/** The version of a service, as `GET /status` has it. */
export function versionOf(service: ServiceHost, { signal }: RequestOptions = {}): Promise<string> {
  let version = versions.get(service)
  if (version === undefined) {
    version = service.request<{ version: string }>('GET', '/status').then((it) => it.version)
    versions.set(service, version)
    version.catch(() => versions.delete(service))
  }
  return abortable(version, signal, 'the version of a service')
}

/**
 * Before anything is sent that only some versions of Druid know.
 *
 * @param range e.g. `>=28`; as in the docstring of the method.
 * @param what e.g. `POST /druid/indexer/v1/supervisor/{id}/resetOffsets`
 * @throws DruidError `UNSUPPORTED` where the service is of another version.
 */
export async function needs(
  service: ServiceHost,
  range: string,
  what: string,
  options: RequestOptions | undefined,
): Promise<void> {
  const version = await versionOf(service, options)
  if (versionFits(version, range)) return
  throw new DruidError('UNSUPPORTED', `${what} needs Druid ${range}; the service has ${version}`)
}
