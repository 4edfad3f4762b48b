import { defineExtension } from '@druid/core/extension'
import { ImplyClient } from './client.ts'
import { TalariaService } from './talaria.ts'

/**
 * Imply's additions to Druid: `client.implyClient()`, and with `@druid/cluster`
 * `client.cluster().talariaClient()`.
 *
 * @example connect(url, { extensions: [imply] }).implyClient()
 */
export const imply = defineExtension({
  name: 'imply',
  summary: 'Imply',
  client: ImplyClient,
  roles: { talaria: TalariaService },
})

export const { registerClient } = imply
export default imply
