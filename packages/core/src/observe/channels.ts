import { EVENTS, type Events } from './events.ts'

interface Channel {
  readonly hasSubscribers: boolean
  publish(message: unknown): void
}

/** The channels `druid:request`, `druid:response` … of `node:diagnostics_channel`. */
export type Channels = { readonly [K in keyof Events]: Channel }

/**
 * Where there is `node:diagnostics_channel`, its channels. Asked of the process, as an import would
 * break bundles for browsers.
 */
export function openChannels(): Channels | undefined {
  const host = globalThis as {
    process?: { getBuiltinModule?: (id: string) => { channel(name: string): Channel } | undefined }
  }
  const diagnostics = host.process?.getBuiltinModule?.('diagnostics_channel')
  if (diagnostics === undefined) return undefined
  const channels = EVENTS.map((name) => [name, diagnostics.channel(`druid:${name}`)])
  return Object.fromEntries(channels) as Channels
}

/** Whether somebody listens. Asked at each call. */
export function areHeard({ request, response, retry, error, end }: Channels): boolean {
  return (
    request.hasSubscribers ||
    response.hasSubscribers ||
    retry.hasSubscribers ||
    error.hasSubscribers ||
    end.hasSubscribers
  )
}
