export type { Cluster, ClusterOptions } from './cluster.ts'
export type { NamedService, ServerAddress, Service } from './discovery/service.ts'
export type { IngestOptions, IngestProgress, IngestResult, IngestTask } from './ingest/ingest.ts'
export type {
  CachedNamespaceLookup,
  JdbcNamespace,
  KafkaLookup,
  LoadingLookup,
  LookupFactory,
  MapLookup,
  NamespaceParseSpec,
  PollingLookup,
  SingleDataFetcher,
  StaticMapNamespace,
  UriNamespace,
} from './lookup/factory.ts'
export type {
  DeleteLookupOptions,
  Lookup,
  LookupOptions,
  LookupProgress,
  LookupPropagation,
  Lookups,
  LookupTier,
  LookupWaitOptions,
  PutLookupOptions,
} from './lookup/lookups.ts'
export { type DockerPortsOptions, dockerPorts } from './mapping/docker.ts'
export type { AddressMapper } from './mapping/mapper.ts'
export { type ClusterProvides, cluster } from './register.ts'
export type { DruidService, ServiceStatus } from './roles/common.ts'
export type { Coordinator } from './roles/coordinator/coordinator.ts'
export type {
  CoordinatorLookups,
  LookupNodeStatus,
  LookupSpec,
  LookupStatus,
  TierLookups,
  TiersOptions,
} from './roles/coordinator/lookups.ts'
export type {
  ClusterViewOptions,
  DataSourceLoadOptions,
  HandoffSegment,
  IntervalSizes,
  SegmentLocations,
  SegmentsSize,
  ServedDetail,
  ServedIntervals,
  ServedProperties,
  ServedSegment,
  ServedSummary,
} from './roles/coordinator/served.ts'
export type {
  ClusterNode,
  ClusterNodeDetail,
  DutyGroup,
  LoadQueue,
  LoadQueueCounts,
  LoadQueueSegments,
  NodeRole,
  ServerDetail,
  ServerSummary,
  TierSize,
} from './roles/coordinator/server.ts'
export type { LockFilter, TaskLock } from './roles/overlord/lock.ts'
export type { Overlord, TaskLogOptions } from './roles/overlord/overlord.ts'
export type {
  AnyTaskReport,
  ContextReport,
  IngestionReport,
  KillReport,
  QueryReport,
  RowCounts,
  RowStats,
  TaskReport,
} from './roles/overlord/report.ts'
export type {
  SampledDimension,
  SampledRow,
  SamplerResult,
  SamplerSpec,
} from './roles/overlord/sampler.ts'
export type {
  OffsetReset,
  StreamOffset,
  StreamOffsets,
  SupervisorEntry,
  SupervisorError,
  SupervisorParseError,
  SupervisorReport,
  SupervisorSpec,
  SupervisorState,
  SupervisorStats,
  SupervisorStatus,
  SupervisorTask,
  SupervisorVersion,
  SystemSupervisor,
  TaskRowStats,
} from './roles/overlord/supervisor.ts'
export type {
  OverlordSupervisors,
  SubmitSupervisorOptions,
  SupervisorHistoryOptions,
} from './roles/overlord/supervisors.ts'
export type {
  TaskFilter,
  TaskLocation,
  TaskSpec,
  TaskState,
  TaskStatus,
} from './roles/overlord/task.ts'
export type { WorkerCapacity, WorkerConfig, WorkerInfo } from './roles/overlord/worker.ts'
export type { DataSegment, SegmentSelection } from './roles/segment.ts'
export type { SupervisorSet } from './supervisor/all.ts'
export type { SupervisorHandle } from './supervisor/handle.ts'
export type {
  AnySupervisorSpec,
  AutoScalerConfig,
  CompactionSupervisorSpec,
  IdleConfig,
  KafkaSupervisorSpec,
  KinesisSupervisorSpec,
  RabbitSupervisorSpec,
  ScheduledBatchSupervisorSpec,
  StreamTuningConfig,
} from './supervisor/spec.ts'
export type { CheckedSubmitOptions } from './supervisor/submit.ts'
export type {
  CaughtUpOptions,
  SupervisorProgress,
  SupervisorWaitOptions,
} from './supervisor/wait.ts'
export type { FollowLogOptions } from './task/follow-log.ts'
export type { TaskHandle } from './task/handle.ts'
export type { Subtasks, TaskProgress, WaitOptions } from './task/wait.ts'
