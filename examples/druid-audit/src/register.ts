import {
  defineExtension,
  type ExtensionHost,
  type RegistrationContext,
} from '@druid/core/extension'
import { AuditClient } from './client.ts'
import { evidence } from './evidence.ts'
import { AuditLog } from './log.ts'
import { type AuditOptions, checkOptions } from './options.ts'
import { queryHooks } from './queries.ts'
import { signing } from './signing.ts'

/**
 * Accounts for every query and request of a connection, and holds them to Acme's rules.
 *
 * @example connect(url, { extensions: [audit.with({ application: 'billing' })] }).auditClient()
 */
export const audit = defineExtension({
  name: 'audit',
  setup(context: RegistrationContext<AuditOptions>) {
    // Read now: the context cannot be used later.
    const options = { ...context.options }
    checkOptions(options)
    const { gateways = {}, signing: key } = options
    const masked = Object.keys(options.mask ?? {})
    const log = new AuditLog(options.keep ?? 1000, options.write)

    const trace = crypto.randomUUID().slice(0, 8)
    let calls = 0
    // With its type said, as declarations cannot name the private members of a class without a name.
    const client: new (client: ExtensionHost) => AuditClient = class extends AuditClient {
      constructor(client: ExtensionHost) {
        super(client, log, masked)
      }
    }

    context.use((request, next) => {
      log.count(request.method, request.url.pathname, 'calls')
      calls += 1
      const headers = { 'x-acme-trace': `${trace}-${calls}`, ...request.headers }
      return next({ ...request, headers })
    })
    context.use(
      (request, next) => {
        log.count(request.method, request.url.pathname, 'attempts')
        return next(request)
      },
      { phase: 'late' },
    )

    context.queries(queryHooks(options, log))
    context.auth('acme', () => signing(key))
    context.mapUrl(({ host, plaintext_port, tls_port }) => {
      const port = Number(tls_port) > 0 ? tls_port : plaintext_port
      return gateways[`${host}:${port}`]
    })
    context.onClose(() => log.flush())

    return context.define({
      summary: 'Audit of queries and requests',
      requires: { druid: '>=27' },
      client,
      formatters: { evidence: evidence(options.application ?? null) },
    })
  },
})

// What discovery looks for is a function of this name; tools read the default export.
export const { registerClient } = audit
export default audit
