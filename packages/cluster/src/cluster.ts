import {
  abortable,
  type ClusterContext,
  type ClusterHost,
  type ExtensionHost,
  type RequestOptions,
  type ServiceHost,
} from '@druid/core/extension'
import { type DataSource, OneDataSource } from './data-source/handle.ts'
import { Discovery } from './discovery/discovery.ts'
import { type ExplainOptions, explainMapping, type MappedService } from './discovery/explain.ts'
import { copied } from './discovery/known.ts'
import type { ClusterOptions } from './discovery/options.ts'
import type { Service } from './discovery/service.ts'
import { type UntilReadyOptions, untilReady } from './discovery/until-ready.ts'
import { whatIs } from './discovery/what-is.ts'
import { type CheckOptions, checkHealth, type HealthReport } from './health/check.ts'
import type { IngestTask } from './ingest/batch-task.ts'
import { type IngestOptions, type IngestResult, ingest } from './ingest/ingest.ts'
import {
  type SampledSchema,
  type SampleInput,
  type SampleOptions,
  sample,
} from './ingest/sample.ts'
import type { IngestSource } from './ingest/source.ts'
import { ClusterLookups } from './lookup/cluster-lookups.ts'
import type { Lookups } from './lookup/lookups.ts'
import { CoordinatorService } from './roles/coordinator/coordinator.ts'
import { OverlordService } from './roles/overlord/overlord.ts'
import type { SupervisorEntry } from './roles/overlord/supervisor.ts'
import type { TaskFilter, TaskSpec, TaskStatus } from './roles/overlord/task.ts'
import { type Peon, PeonService } from './roles/peon.ts'
import type { Services } from './services.ts'
import { type ClusterSettings, clusterSettings } from './setting/settings.ts'
import { changeSupervisors, type SupervisorSet } from './supervisor/all.ts'
import { OneSupervisor, type SupervisorHandle } from './supervisor/handle.ts'
import { type SupervisorSummary, summaries, withSpecs } from './supervisor/list.ts'
import type { AnySupervisorSpec } from './supervisor/spec.ts'
import { type CheckedSubmitOptions, submitSupervisor } from './supervisor/submit.ts'
import { OneTask, type TaskHandle } from './task/handle.ts'
import { submit } from './task/submit.ts'

/** What `client.cluster()` is, apart from the role clients and methods that extensions add. */
export interface Cluster extends ClusterHost {
  /**
   * The services of the cluster, by role and address: `sys.servers`, or where SQL does not tell, what
   * the Coordinator has (`GET /druid/coordinator/v1/cluster`), and those of the option `services`. As old
   * as 5 s, or `refreshInterval`. Aborting ends the waiting only, as others may wait for the same answer.
   * @throws DruidError `FORBIDDEN` where the user may ask neither (STATE READ), and no services are named.
   */
  services(options?: Pick<RequestOptions, 'signal'>): Promise<readonly Service[]>
  /**
   * Where each service is reached, by which mapper's word, and whether it is, or why not. Asks for the
   * list of services again, and each address once (`GET /status/health`), eight at a time.
   * Errors as {@link services}.
   */
  explainMapping(options?: ExplainOptions): Promise<readonly MappedService[]>
  /**
   * The roles of an endpoint, a URL or `host:port`: as it is reached from here, or as Druid has it; none
   * where it is no service of this cluster. Co-located ones share one: a Coordinator that is the Overlord.
   * @throws DruidError `CONFIG` for what is no endpoint; else as {@link services}.
   */
  whatIs(endpoint: string | URL): Promise<string[]>
  /**
   * Resolves with the services when the cluster can work: a Coordinator and an Overlord lead, SQL is
   * answered, and there are as many servers of the `roles` as wanted. Waits through what a cluster says
   * while it starts.
   * @throws DruidError `TIMEOUT` after `timeout`, `CANCELLED` by the signal, each with what is missing.
   */
  untilReady(options?: UntilReadyOptions): Promise<readonly Service[]>
  /**
   * Writes rows, and resolves when they can be queried, with how many there are: not when the task has
   * ended, which is seconds earlier. From a batch ingestion task; or in short from `rows` (objects),
   * `files` (texts), a `url`, or `paths` of the servers. Rows and files are sent in batches, a task each,
   * one after the other; each is submitted once. Aborting stops the task, also while it is being
   * submitted; so does an `onProgress` that throws, with its error. Batches that are stored stay.
   * @throws DruidError `TASK_FAILED` with Druid's reason; `INVALID_INPUT` for what it refuses, and rows
   * that it cannot hold as they are; `TIMEOUT` when the rows are stored but not queryable within
   * `availabilityTimeout`.
   */
  ingest(source: IngestTask | IngestSource, options?: IngestOptions): Promise<IngestResult>
  /**
   * Reads a few rows as `ingest` would, and proposes a schema: the time and its format, and the columns
   * with their types. Writes nothing. Of `rows` that come one by one, those that it reads are gone.
   * @throws DruidError `INVALID_INPUT` for what Druid cannot read or reach.
   */
  sample(input: SampleInput, options?: SampleOptions): Promise<SampledSchema>
  /**
   * Submits a task, once, and resolves when the Overlord has it, with what follows it. Its id is chosen
   * here unless it has one. A connection that is cut meanwhile is no failure where the Overlord has got
   * the task. Aborting does not stop a task that was submitted.
   * @throws DruidError `INVALID_INPUT` for a spec that Druid refuses, or an id it already knows.
   */
  submit(task: TaskSpec, options?: RequestOptions): Promise<TaskHandle>
  /** A task by its id, also of another process. Sends nothing. */
  task(id: string): TaskHandle
  /** The tasks that this user may see, those that have ended for a day or so. */
  tasks(options?: TaskFilter & RequestOptions): Promise<TaskStatus[]>
  /**
   * Creates a supervisor, or replaces the one of its id, and resolves when it runs, with what operates it.
   * A spec that does not work replaces none that does: a few messages are read by it before, and where it
   * does not run in time, or Druid cannot start it, the spec that it replaced is put back; where there was
   * none, it is terminated. Then, and on an abort, all is as it was before, as the error says.
   * @throws DruidError `INVALID_INPUT` for a spec that Druid refuses, of whose messages none can be read, or
   * whose supervisor is unhealthy; `SERVER` (500) for one that it cannot start; `TIMEOUT` for one that does
   * not run within `runsWithin`.
   */
  submitSupervisor(
    spec: AnySupervisorSpec,
    options?: CheckedSubmitOptions,
  ): Promise<SupervisorHandle>
  /** A supervisor by its id. Sends nothing. */
  supervisor(id: string): SupervisorHandle
  /** The supervisors that this user may write to; with `full` each with its spec. */
  supervisors(options: RequestOptions & { readonly full: true }): Promise<SupervisorEntry[]>
  supervisors(options?: RequestOptions & { readonly full?: false }): Promise<SupervisorSummary[]>
  /** Suspends these, or `'all'`. Each is tried; then the first error is thrown. */
  suspendSupervisors(ids: SupervisorSet, options?: RequestOptions): Promise<void>
  /** Resumes these, or `'all'`. Each is tried; then the first error is thrown. */
  resumeSupervisors(ids: SupervisorSet, options?: RequestOptions): Promise<void>
  /** Terminates these, or `'all'`. Each is tried; then the first error is thrown. */
  terminateSupervisors(ids: SupervisorSet, options?: RequestOptions): Promise<void>
  /**
   * Names of the data sources that have segments in use, or with `includeUnused` any segments. Those in use
   * are told as the Coordinator last read them, up to a minute ago.
   */
  dataSources(
    options?: RequestOptions & { readonly includeUnused?: boolean | undefined },
  ): Promise<string[]>
  /** A data source by its name. Sends nothing. */
  dataSource(name: string): DataSource
  /** What is set for the whole cluster: read, compare, write, undo. Sends nothing. */
  settings(): ClusterSettings
  /**
   * What a task that runs tells where it runs, a Peon or an Indexer: there it is found on each call, which
   * needs that its address can be reached from here (the option `mapUrl` is given it as the role `peon`).
   * Sends nothing.
   */
  peonClient(taskId: string): Peon
  /**
   * How the cluster is: leaders, services and their versions, workers, segments and their replicas,
   * servers, tasks, supervisors and their lag. What is not as it should be is a finding, with what it rests
   * on and what to do; what this user may not see is one as well. Changes nothing.
   * @throws DruidError `CONFIG` for options that are none; `UNAUTHENTICATED`; never for what is wrong with
   * the cluster.
   */
  check(options?: CheckOptions): Promise<HealthReport>
  /** The lookups, by which SQL replaces values: `LOOKUP(column, 'name')`. */
  lookups(): Lookups
}

export class DruidCluster implements Cluster {
  readonly #discovery: Discovery
  readonly #own: URL
  readonly #services: Services

  constructor(client: ExtensionHost, context: ClusterContext, options: ClusterOptions = {}) {
    this.#discovery = new Discovery(client, context, options)
    this.#own = context.url
    this.#services = {
      client,
      coordinator: new CoordinatorService(this.serviceHost('coordinator')),
      overlord: new OverlordService(this.serviceHost('overlord')),
    }
  }

  async services({ signal }: Pick<RequestOptions, 'signal'> = {}): Promise<readonly Service[]> {
    const listing = this.#discovery.directory.known()
    return (await abortable(listing, signal, 'the list of services')).map(copied)
  }

  explainMapping(options: ExplainOptions = {}): Promise<readonly MappedService[]> {
    return explainMapping(this.#discovery, options)
  }

  whatIs(endpoint: string | URL): Promise<string[]> {
    return whatIs(endpoint, this.#discovery, { client: this.#services.client, own: this.#own })
  }

  untilReady(options: UntilReadyOptions = {}): Promise<readonly Service[]> {
    return untilReady(this.#services.client, this.#discovery, options)
  }

  async refresh(): Promise<void> {
    await this.#discovery.directory.refresh()
  }

  serviceHost(role: string): ServiceHost {
    return this.#discovery.roleHost(role)
  }

  serviceHosts(role: string): Promise<readonly ServiceHost[]> {
    return this.#discovery.roleHosts(role)
  }

  /** When the connection is closed. */
  [Symbol.dispose](): void {
    this.#discovery.directory.close()
  }

  ingest(source: IngestTask | IngestSource, options: IngestOptions = {}): Promise<IngestResult> {
    return ingest(this.#services, source, options)
  }

  sample(input: SampleInput, options?: SampleOptions): Promise<SampledSchema> {
    return sample(this.#services.overlord, input, options)
  }

  submit(task: TaskSpec, options: RequestOptions = {}): Promise<TaskHandle> {
    return submit(this.#services.overlord, task, options)
  }

  task(id: string): TaskHandle {
    return new OneTask(this.#services.overlord, id)
  }

  tasks(options?: TaskFilter & RequestOptions): Promise<TaskStatus[]> {
    return this.#services.overlord.tasks(options)
  }

  submitSupervisor(
    spec: AnySupervisorSpec,
    options: CheckedSubmitOptions = {},
  ): Promise<SupervisorHandle> {
    return submitSupervisor(this.#services.overlord, { ...spec }, options)
  }

  supervisor(id: string): SupervisorHandle {
    return new OneSupervisor(this.#services.overlord.supervisors, id)
  }

  supervisors(options: RequestOptions & { readonly full: true }): Promise<SupervisorEntry[]>
  supervisors(options?: RequestOptions & { readonly full?: false }): Promise<SupervisorSummary[]>
  supervisors({
    full = false,
    ...options
  }: RequestOptions & { readonly full?: boolean } = {}): Promise<
    SupervisorEntry[] | SupervisorSummary[]
  > {
    const list = full ? withSpecs : summaries
    return list(this.#services.overlord.supervisors, options)
  }

  suspendSupervisors(ids: SupervisorSet, options?: RequestOptions): Promise<void> {
    return changeSupervisors(this.#services.overlord.supervisors, 'suspend', ids, options)
  }

  resumeSupervisors(ids: SupervisorSet, options?: RequestOptions): Promise<void> {
    return changeSupervisors(this.#services.overlord.supervisors, 'resume', ids, options)
  }

  terminateSupervisors(ids: SupervisorSet, options?: RequestOptions): Promise<void> {
    return changeSupervisors(this.#services.overlord.supervisors, 'terminate', ids, options)
  }

  dataSources(
    options?: RequestOptions & { readonly includeUnused?: boolean | undefined },
  ): Promise<string[]> {
    return this.#services.coordinator.metadata.dataSources(options)
  }

  dataSource(name: string): DataSource {
    return new OneDataSource(this.#services, name)
  }

  settings(): ClusterSettings {
    return clusterSettings(this.#services)
  }

  peonClient(taskId: string): Peon {
    return new PeonService(this.#discovery.taskHost(taskId, this.#services.overlord), taskId)
  }

  check(options: CheckOptions = {}): Promise<HealthReport> {
    return checkHealth(this.#services, this, options)
  }

  lookups(): Lookups {
    return new ClusterLookups(this.#services.coordinator.lookups)
  }
}
