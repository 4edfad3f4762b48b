import {
  cutAfter,
  type Fault,
  type FaultServer,
  faultProxy,
  faultServer,
  reply,
} from '@druid/testing'

// Plain data: what functions make can be written down, too.
const written: Fault = { fault: 'cut', after: 10, in: 'body', by: 'end' }
// @ts-expect-error: there is no such fault
const none: Fault = { fault: 'fire' }
// @ts-expect-error: nor such an end
cutAfter(1, { by: 'fire' })

/** What is none of these does not compile. */
function told(fault: Fault): string {
  if (!('fault' in fault)) return String(fault.status)
  switch (fault.fault) {
    case 'cut':
      return `${fault.after} ${fault.in} ${fault.by}`
    case 'stall':
      return String(fault.lasting)
    case 'latency':
    case 'pace':
    case 'split':
    case 'headers':
    case 'headerRows':
    case 'trailers':
    case 'gzip':
    case 'insert':
    case 'stale':
    case 'redirect':
      return fault.fault
    default:
      return fault satisfies never
  }
}

const faults: FaultServer = await faultServer({ roles: ['broker'], tls: 'expired' })
faults.next([written, reply({ status: 503 })], { on: 'POST /druid/v2/sql', times: 2 })
// @ts-expect-error: it is for good
faults.always(written, { times: 2 })
// @ts-expect-error: of servers, `roles` says which it is
await faultServer({ servers: [] })
const proxy = await faultProxy(new URL(faults.url), { target: faults.tls })
const ca: string | undefined = proxy.tls?.ca
// @ts-expect-error: what arrived is read, not changed
proxy.requests[0].state = 'cut'
told(none)
told(written)
String(ca)
