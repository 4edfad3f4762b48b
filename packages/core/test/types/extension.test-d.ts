import {
  connect,
  type DiscoveredExtension,
  type DiscoverySet,
  type DruidClient,
  type ExtensionReport,
} from '@druid/core'
import { connect as connectAuto } from '@druid/core/auto'
import {
  type AnyExtension,
  type ClientOf,
  type ClusterContext,
  type ClusterHost,
  type ClusterOf,
  type Configurable,
  defineExtension,
  type Extension,
  type ExtensionFrom,
  type ExtensionHost,
  type FormatMethods,
  type Formatter,
  fromModule,
  type RegistrationContext,
  type RolesOf,
  renamed,
  type ServiceHost,
} from '@druid/core/extension'
import { expectTypeOf, test } from 'vitest'

// ── an extension that provides the cluster, one with a role, one that needs the cluster ──────────
interface LoadStatus {
  readonly [dataSource: string]: number
}
interface Coordinator {
  loadStatus(): Promise<LoadStatus>
}
interface Cluster extends ClusterHost {
  services(): Promise<readonly { role: string; url: string }[]>
}
class CoordinatorService implements Coordinator {
  readonly #service: ServiceHost
  constructor(service: ServiceHost) {
    this.#service = service
  }
  loadStatus(): Promise<LoadStatus> {
    return this.#service.request('GET', '/druid/coordinator/v1/loadstatus')
  }
}
class DruidCluster implements Cluster {
  readonly #client: ExtensionHost
  constructor(client: ExtensionHost, _context: ClusterContext) {
    this.#client = client
  }
  services(): Promise<{ role: string; url: string }[]> {
    return this.#client.query<{ role: string; url: string }>('SELECT 1')
  }
  async refresh(): Promise<void> {}
  serviceHost(_role: string): ServiceHost {
    throw new Error('only its type is used')
  }
  async serviceHosts(_role: string): Promise<readonly ServiceHost[]> {
    return []
  }
}
/** Annotated as `isolatedDeclarations` wants it. */
const cluster: Extension<'cluster', { cluster: Cluster; roles: { coordinator: Coordinator } }> =
  defineExtension({
    name: 'cluster',
    cluster: DruidCluster,
    roles: { coordinator: CoordinatorService },
  })

class ImplyClient {
  readonly #client: ExtensionHost
  constructor(client: ExtensionHost) {
    this.#client = client
  }
  submit(statement: string): Promise<string> {
    return this.#client.request('POST', '/druid/v2/sql/async', statement)
  }
}
class TalariaServer {
  readonly service: ServiceHost
  constructor(service: ServiceHost) {
    this.service = service
  }
  tasks(): Promise<string[]> {
    return this.service.request('GET', '/druid/talaria')
  }
}
const imply = defineExtension({
  name: 'imply',
  summary: 'Imply',
  client: ImplyClient,
  roles: { talaria: TalariaServer, 'query-worker': TalariaServer },
})

class Analyzer {
  readonly client: DruidClient<typeof cluster>
  constructor(client: DruidClient<typeof cluster>) {
    this.client = client
  }
  report(): Promise<LoadStatus> {
    return this.client.cluster().coordinatorClient().loadStatus()
  }
}
class Pinger {
  readonly client: ExtensionHost
  constructor(client: ExtensionHost) {
    this.client = client
  }
}
const analyzer = defineExtension({
  name: 'analyzer',
  clusterMethods: { analyzer: Analyzer, pinger: Pinger },
})

class A {
  readonly client: ExtensionHost
  constructor(client: ExtensionHost) {
    this.client = client
  }
}
class R {
  readonly service: ServiceHost
  constructor(service: ServiceHost) {
    this.service = service
  }
}

const bare = connect('x')
const full = connect('x', { extensions: [imply, analyzer, cluster] })

test('a client has the methods of its extensions, and no others', () => {
  expectTypeOf(full.implyClient()).toEqualTypeOf<ImplyClient>()
  expectTypeOf(full.extension(imply)).toEqualTypeOf<ImplyClient>()
  expectTypeOf(full.extension('imply')).toBeUnknown()
  expectTypeOf(full.with({}).implyClient()).toEqualTypeOf<ImplyClient>()
  // @ts-expect-error not registered
  bare.implyClient
  // @ts-expect-error misspelt
  full.implyclient
  // @ts-expect-error it has no client
  full.analyzerClient
  // @ts-expect-error it has no client
  full.extension(analyzer)
})

test('cluster() exists exactly where an extension provides it', () => {
  // @ts-expect-error no cluster
  bare.cluster
  const waiting = connect('x', { extensions: [imply] })
  // @ts-expect-error no cluster
  waiting.cluster
  expectTypeOf(full.cluster()).toExtend<Cluster>()
  expectTypeOf(full.cluster().services()).resolves.toEqualTypeOf<
    readonly { role: string; url: string }[]
  >()
})

test('the cluster has roles and methods of the whole list, in any order', () => {
  for (const client of [full, connect('x', { extensions: [cluster, analyzer, imply] })]) {
    expectTypeOf(client.cluster().talariaClient()).toEqualTypeOf<TalariaServer>()
    expectTypeOf(client.cluster().talariaClients()).toEqualTypeOf<Promise<TalariaServer[]>>()
    expectTypeOf(client.cluster().queryWorkerClient()).toEqualTypeOf<TalariaServer>()
    expectTypeOf(client.cluster().coordinatorClient()).toEqualTypeOf<Coordinator>()
    expectTypeOf(client.cluster().analyzer()).toEqualTypeOf<Analyzer>()
    expectTypeOf(client.cluster().pinger()).toEqualTypeOf<Pinger>()
  }
  // @ts-expect-error misspelt
  full.cluster().analyser
  // @ts-expect-error of no extension here
  connect('x', { extensions: [cluster] }).cluster().talariaClient
})

test('what a class needs of the client is asked of the list', () => {
  // @ts-expect-error Analyzer needs a client with a cluster
  connect('x', { extensions: [analyzer] })
  // @ts-expect-error imply does not help
  connect('x', { extensions: [imply, analyzer] })
  new Analyzer(full)
  new Analyzer(connect('x', { extensions: [cluster] }))
  new Pinger(bare)
  new ImplyClient(bare)
  // @ts-expect-error no cluster
  new Analyzer(bare)
  class Numeric {
    readonly value: number
    constructor(value: number) {
      this.value = value
    }
  }
  // @ts-expect-error a number is no client
  defineExtension({ name: 'bad', client: Numeric })
  const needy = defineExtension({ name: 'needy', client: Analyzer })
  expectTypeOf(
    connect('x', { extensions: [needy, cluster] }).needyClient(),
  ).toEqualTypeOf<Analyzer>()
  // @ts-expect-error also by its client
  connect('x', { extensions: [needy] })
})

test('a name that is taken is marked', () => {
  const other = defineExtension({ name: 'other', clusterMethods: { analyzer: A } })
  // @ts-expect-error a method of another extension
  connect('x', { extensions: [analyzer, cluster, other] })
  const role = defineExtension({ name: 'c', roles: { coordinator: R } })
  // @ts-expect-error a role of the cluster's own, though listed before it
  connect('x', { extensions: [role, cluster] })
  // @ts-expect-error two clusters
  connect('x', { extensions: [cluster, renamed(cluster, 'two')] })
  const asRole = defineExtension({ name: 'as-role', clusterMethods: { talariaClient: A } })
  // @ts-expect-error a cluster method against a role
  connect('x', { extensions: [cluster, imply, asRole] })
  const overriding = defineExtension({ name: 'ov', clusterMethods: { services: A } })
  // @ts-expect-error the cluster's own member
  connect('x', { extensions: [cluster, overriding] })
  const thenable = defineExtension({ name: 'th', clusterMethods: { toString: A } })
  // @ts-expect-error every object's own
  connect('x', { extensions: [cluster, thenable] })
  const same = defineExtension({ name: 'imply', client: A })
  // @ts-expect-error a client of that name
  connect('x', { extensions: [imply, same] })
  const free = connect('x', { extensions: [imply, renamed(same, 'imply-two')] })
  expectTypeOf(free.implyTwoClient()).toEqualTypeOf<A>()
  expectTypeOf(free.implyClient()).toEqualTypeOf<ImplyClient>()
})

test('the mark stands at the element of the list that is wrong', () => {
  const same = defineExtension({ name: 'imply', client: A })
  connect('x', {
    extensions: [
      cluster,
      imply,
      // @ts-expect-error imply has it
      same,
      analyzer,
    ],
  })
  connect('x', {
    extensions: [
      imply,
      // @ts-expect-error no cluster
      analyzer,
    ],
  })
})

test('a name that cannot be one is marked', () => {
  defineExtension({ name: 'query-worker-2', client: A })
  // @ts-expect-error upper case
  defineExtension({ name: 'Imply', client: A })
  // @ts-expect-error a space
  defineExtension({ name: 'my imply', client: A })
  // @ts-expect-error two dashes
  defineExtension({ name: 'my--imply', client: A })
  // @ts-expect-error an underscore
  defineExtension({ name: 'my_imply', client: A })
  // @ts-expect-error upper case
  renamed(imply, 'Two')
  // @ts-expect-error misspelt field
  defineExtension({ name: 'a', clients: A })
  // @ts-expect-error an instance is no class
  defineExtension({ name: 'a', client: new A(bare) })
})

test('a function can ask for a client by the extensions it must have', () => {
  function needsCluster(client: DruidClient<typeof cluster>): void {
    client.cluster()
  }
  function needsBoth(client: DruidClient<typeof cluster | typeof imply>): void {
    client.implyClient()
  }
  function anyClient(client: DruidClient): void {
    client.extensions()
  }
  needsCluster(full)
  needsCluster(connect('x', { extensions: [cluster] }))
  needsBoth(full)
  anyClient(bare)
  anyClient(full)
  // @ts-expect-error none
  needsCluster(bare)
  // @ts-expect-error the list must not be inferred from what is expected
  needsCluster(connect('x', { extensions: [imply] }))
  // @ts-expect-error imply is missing
  needsBoth(connect('x', { extensions: [cluster] }))
})

test('a list that is not known promises nothing', () => {
  const conditional = connect('x', {
    extensions: Math.random() > 2 ? [cluster] : [cluster, imply],
  })
  expectTypeOf(conditional.cluster()).toExtend<Cluster>()
  // @ts-expect-error only in one of the two
  conditional.implyClient
  const list: (typeof imply | typeof cluster)[] = [imply]
  const uncertain = connect('x', { extensions: list })
  expectTypeOf(uncertain.implyClient).toEqualTypeOf<(() => ImplyClient) | undefined>()
  // @ts-expect-error may be missing
  uncertain.implyClient()
  // @ts-expect-error may be missing
  uncertain.cluster()
  const nameless: AnyExtension[] = []
  // @ts-expect-error not every method of that form
  connect('x', { extensions: nameless }).fooClient
  const untyped = imply as unknown as AnyExtension
  expectTypeOf(
    connect('x', { extensions: [untyped, imply] }).implyClient(),
  ).toEqualTypeOf<ImplyClient>()
  // biome-ignore lint/suspicious/noExplicitAny: a package without types
  const unknownTypes = imply as any
  const hidden = connect('x', { extensions: [unknownTypes, imply] })
  expectTypeOf(hidden.implyClient()).toEqualTypeOf<ImplyClient>()
  // @ts-expect-error any adds nothing
  hidden.fooClient
})

test('a dictionary of methods makes no index signature', () => {
  const methods: Record<string, typeof A> = {}
  const dictionary = defineExtension({ name: 'dictionary', clusterMethods: methods })
  const client = connect('x', { extensions: [cluster, dictionary, imply] })
  expectTypeOf(client.cluster().talariaClient()).toEqualTypeOf<TalariaServer>()
  // @ts-expect-error misspelt
  client.cluster().talariaclient
})

test('options are typed', () => {
  const optional = defineExtension({
    name: 'optional',
    setup(context: RegistrationContext<{ readonly limit: number }>) {
      expectTypeOf(context.options).toEqualTypeOf<{ readonly limit: number } | undefined>()
      return context.define({ client: ImplyClient, roles: { talaria: TalariaServer } })
    },
  })
  expectTypeOf(optional).toExtend<Configurable<{ readonly limit: number }>>()
  expectTypeOf(optional.with({ limit: 1 })).toEqualTypeOf<typeof optional>()
  // @ts-expect-error no number
  optional.with({ limit: 'many' })
  const client = connect('x', { extensions: [optional.with({ limit: 1 }), cluster] })
  expectTypeOf(client.optionalClient()).toEqualTypeOf<ImplyClient>()
  expectTypeOf(client.cluster().talariaClient()).toEqualTypeOf<TalariaServer>()
  // @ts-expect-error it takes no options
  imply.with
})

test('the plain form is typed while it is written', () => {
  function registerClient(context: RegistrationContext): void {
    context.summary = 'Imply'
    context.client = ImplyClient
    context.roles = { talaria: TalariaServer }
    context.clusterMethods = { analyzer: Analyzer }
    context.cluster = DruidCluster
    // @ts-expect-error a number is no class
    context.client = 17
    // @ts-expect-error misspelt
    context.role = {}
    // @ts-expect-error given, not taken
    context.name = 'other'
    expectTypeOf(context.options).toBeUnknown()
  }
  expectTypeOf(registerClient).toExtend<Extension['registerClient']>()
})

test('parts of an extension can be read off', () => {
  expectTypeOf<ClientOf<typeof imply>>().toEqualTypeOf<ImplyClient>()
  expectTypeOf<ClientOf<typeof analyzer>>().toBeNever()
  expectTypeOf<RolesOf<typeof imply>['talaria']>().toEqualTypeOf<TalariaServer>()
  expectTypeOf<ClusterOf<typeof cluster>>().toEqualTypeOf<Cluster>()
  expectTypeOf(imply.name).toEqualTypeOf<'imply'>()
  expectTypeOf(imply).toExtend<AnyExtension>()
  expectTypeOf(analyzer).toExtend<AnyExtension>()
})

test('discovered extensions give their methods where their types are known', () => {
  const found = { root: '/', extensions: [], reports: [] } as DiscoverySet<typeof imply>
  const client = connect('x', { extensions: [cluster], discovered: found })
  expectTypeOf(client.implyClient()).toEqualTypeOf<ImplyClient>()
  expectTypeOf(client.cluster().talariaClient()).toEqualTypeOf<TalariaServer>()
  const unknownSet = { root: '/', extensions: [], reports: [] } as DiscoverySet
  // @ts-expect-error nothing is known
  connect('x', { discovered: unknownSet }).implyClient
  expectTypeOf<DiscoverySet['extensions']>().toEqualTypeOf<readonly DiscoveredExtension[]>()
  expectTypeOf(bare.extensions()).toEqualTypeOf<readonly ExtensionReport[]>()
})

test('twenty extensions still compile', () => {
  const many = connect('x', {
    extensions: [
      cluster,
      imply,
      renamed(imply_('a'), 'a'),
      renamed(imply_('b'), 'b'),
      renamed(imply_('c'), 'c'),
      renamed(imply_('d'), 'd'),
      renamed(imply_('e'), 'e'),
      renamed(imply_('f'), 'f'),
      renamed(imply_('g'), 'g'),
      renamed(imply_('h'), 'h'),
      renamed(imply_('i'), 'i'),
      renamed(imply_('j'), 'j'),
      renamed(imply_('k'), 'k'),
      renamed(imply_('l'), 'l'),
      renamed(imply_('m'), 'm'),
      renamed(imply_('n'), 'n'),
      renamed(imply_('o'), 'o'),
      renamed(imply_('p'), 'p'),
      renamed(imply_('q'), 'q'),
      renamed(imply_('r'), 'r'),
    ],
  })
  expectTypeOf(many.rClient()).toEqualTypeOf<ImplyClient>()
  // @ts-expect-error not in the list
  many.sClient
  function imply_(_name: string): Extension<string, { client: ImplyClient }> {
    return defineExtension({ name: 'one', client: ImplyClient })
  }
})

test('format() takes the formatters of the list, with their options', async () => {
  const lines: Formatter<{ end?: string }> = {
    mediaType: 'text/plain',
    async *format() {},
  }
  const bytes: Formatter = lines as Formatter
  const text = defineExtension({ name: 'text', formatters: { lines } })
  const binary = defineExtension({ name: 'binary', formatters: { bytes } })
  const druid = connect('x', { extensions: [text, binary, imply] })
  expectTypeOf(druid.format('SELECT 1', 'lines', { end: '.' })).resolves.toEqualTypeOf<string>()
  druid.formatStream('SELECT 1', 'bytes')
  // @ts-expect-error no such option
  void druid.format('SELECT 1', 'lines', { begin: '.' })
  // @ts-expect-error no such formatter
  void druid.format('SELECT 1', 'csv')
  // @ts-expect-error nothing has one
  void connect('x', { extensions: [imply] }).format
  const needing = (it: DruidClient<typeof text>): Promise<string> => it.format('SELECT 1', 'lines')
  void needing(druid)
  // @ts-expect-error not there
  void needing(connect('x', { extensions: [binary] }))
  const other = defineExtension({ name: 'other', formatters: { lines } })
  // @ts-expect-error taken
  connect('x', { extensions: [text, other] })
})

test('what extensions add is not on the client that a class is given, unless it asks for it', () => {
  expectTypeOf<ExtensionHost>().toHaveProperty('query')
  expectTypeOf<ExtensionHost>().not.toHaveProperty('cluster')
  expectTypeOf<ExtensionHost>().not.toHaveProperty('format')
  const lines: Formatter<{ end?: string }> = {
    mediaType: 'text/plain',
    async *format() {},
  }
  const text = defineExtension({ name: 'text', formatters: { lines } })
  /** By the extension that has the formatter. */
  class Report {
    readonly client: DruidClient<typeof text>
    constructor(client: DruidClient<typeof text>) {
      this.client = client
    }
    write(): Promise<string> {
      return this.client.format('SELECT 1', 'lines', { end: '.' })
    }
  }
  const report = defineExtension({ name: 'report', client: Report })
  connect('x', { extensions: [report, text] })
    .reportClient()
    .write()
  // @ts-expect-error nothing has the formatter
  connect('x', { extensions: [report] })
  new Report(connect('x', { extensions: [text] }))
  /** By the formatter alone: also one of the very extension that the class is of. */
  class Own {
    readonly client: ExtensionHost & FormatMethods<[name: 'lines', options?: { end?: string }]>
    constructor(
      client: ExtensionHost & FormatMethods<[name: 'lines', options?: { end?: string }]>,
    ) {
      this.client = client
    }
  }
  const own = defineExtension({ name: 'own', client: Own, formatters: { lines } })
  expectTypeOf(connect('x', { extensions: [own] }).ownClient()).toEqualTypeOf<Own>()
  const without = defineExtension({ name: 'without', client: Own })
  // @ts-expect-error nothing has the formatter
  connect('x', { extensions: [without] })
})

test('renamed, an extension takes its options still', () => {
  const optional = defineExtension({
    name: 'optional',
    setup: (context: RegistrationContext<{ limit: number }>) =>
      context.define({ client: ImplyClient }),
  })
  const two = renamed(optional, 'two').with({ limit: 1 })
  expectTypeOf(connect('x', { extensions: [two] }).twoClient()).toEqualTypeOf<ImplyClient>()
  // @ts-expect-error no number
  renamed(optional, 'two').with({ limit: 'many' })
  // @ts-expect-error it takes none
  renamed(imply, 'two').with
})

test('registering is synchronous', () => {
  defineExtension({
    name: 'late',
    // @ts-expect-error a promise is no registration
    setup: async (context: RegistrationContext) => context.define({}),
  })
  const late: Extension = {
    '~druid': { apiVersion: 1 },
    name: 'late',
    // @ts-expect-error a promise is no registration
    registerClient: async () => {},
  }
  void late
})

test('a module gives its extension, however it was written', () => {
  class Ranger {
    readonly client: ExtensionHost
    constructor(client: ExtensionHost) {
      this.client = client
    }
  }
  const returning = {
    registerClient: (context: RegistrationContext) =>
      context.define({ client: Ranger, summary: 'Ranger' }),
  }
  const assigning = {
    registerClient(context: RegistrationContext): void {
      context.client = Ranger
    },
  }
  const druid = connect('x', {
    extensions: [
      fromModule('ranger', returning),
      fromModule('plain', assigning),
      fromModule('imply', { default: imply }),
    ],
  })
  expectTypeOf(druid.rangerClient()).toEqualTypeOf<Ranger>()
  expectTypeOf(druid.implyClient()).toEqualTypeOf<ImplyClient>()
  // @ts-expect-error its function does not return what it defined
  druid.plainClient()
  expectTypeOf<ExtensionFrom<'imply', { default: typeof imply }>>().toEqualTypeOf<typeof imply>()
})

test('a plain array promises nothing to connect of @druid/core/auto either', async () => {
  const list: (typeof imply)[] = [imply]
  const uncertain = await connectAuto('x', { extensions: list })
  // @ts-expect-error it may not be there
  uncertain.implyClient()
  expectTypeOf(uncertain.implyClient?.()).toEqualTypeOf<ImplyClient | undefined>()
  const certain = await connectAuto('x', { extensions: [imply] })
  expectTypeOf(certain.implyClient()).toEqualTypeOf<ImplyClient>()
})
