export type { Cluster } from './cluster.ts'
export type { DataSourceInterval, DataSourceSize } from './data-source/extent.ts'
export type {
  DataSource,
  DropOptions,
  Dropped,
  LoadStatus,
  UntilLoadedOptions,
} from './data-source/handle.ts'
export type { KillOptions } from './data-source/kill.ts'
export type { WhichSegments } from './data-source/mark.ts'
export type { UnusedOptions } from './data-source/segments.ts'
export type { LoadProgress } from './data-source/until-loaded.ts'
export type { ExplainOptions, MappedService } from './discovery/explain.ts'
export type { ClusterOptions } from './discovery/options.ts'
export type { Through } from './discovery/role-host.ts'
export type { NamedService, Service, ServiceSource } from './discovery/service.ts'
export type { UntilReadyOptions } from './discovery/until-ready.ts'
export type { CheckOptions, HealthReport } from './health/check.ts'
export type { CheckName, Finding, FindingRow, Severity } from './health/finding.ts'
export type { HealthLimits } from './health/limits.ts'
export { type BatchTaskParts, batchTask, type IngestTask } from './ingest/batch-task.ts'
export type {
  AutoDimension,
  DimensionSchema,
  DimensionSchemas,
  DimensionsSpec,
  GranularitySpec,
  JsonDimension,
  NumberDimension,
  PartitionsSpec,
  Projection,
  SpatialDimension,
  StringDimension,
  TimestampSpec,
  Transform,
  TransformSpec,
  TuningConfig,
} from './ingest/data-schema.ts'
export type { IngestOptions, IngestProgress, IngestResult } from './ingest/ingest.ts'
export type {
  AvroFilesFormat,
  AvroStreamFormat,
  CsvFormat,
  FlattenSpec,
  InputFormat,
  InputFormats,
  JavaScriptFormat,
  JsonFormat,
  KafkaFormat,
  KinesisFormat,
  OrcFormat,
  ParquetFormat,
  ProtobufFormat,
  RegexFormat,
  TsvFormat,
} from './ingest/input-format.ts'
export type {
  AzureInput,
  CombiningInput,
  DeltaInput,
  DruidInput,
  GoogleInput,
  HdfsInput,
  HttpInput,
  IcebergInput,
  InlineInput,
  InputSource,
  InputSources,
  LocalInput,
  S3Input,
  Secret,
  SqlInput,
} from './ingest/input-source.ts'
export type { RowSource, TextFile } from './ingest/records.ts'
export type { SampledSchema, SampleInput, SampleOptions } from './ingest/sample.ts'
export type { FormatName, IngestSource, Input } from './ingest/source.ts'
export { type TaskSql, type TaskSqlOptions, taskSql } from './ingest/task-sql.ts'
export type { WrittenRows } from './ingest/write.ts'
export type {
  CachedNamespaceLookup,
  JdbcNamespace,
  KafkaLookup,
  LoadingLookup,
  LookupFactories,
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
export { byExtensions } from './mapping/by-extensions.ts'
export {
  type DockerOptions,
  dockerHosts,
  dockerPorts,
  type PublishedPorts,
} from './mapping/docker.ts'
export { firstOf } from './mapping/first-of.ts'
export { identity } from './mapping/identity.ts'
export {
  type KubernetesServicesOptions,
  kubernetesIngress,
  kubernetesServices,
  portForwards,
} from './mapping/kubernetes.ts'
export type { AddressMapper, MapperContext, ServerAddress } from './mapping/mapper.ts'
export { type Templates, urlTemplate } from './mapping/template.ts'
export { type TlsPreference, withTls } from './mapping/tls.ts'
export { type ClusterProvides, cluster } from './register.ts'
export type { AuditEntry, ChangeOptions, HistoryOptions } from './roles/audit.ts'
export type {
  Broker,
  CandidatesOptions,
  ColumnsOptions,
  DataSourceColumns,
  SegmentCandidate,
  SqlQueriesOptions,
  SqlQueryInfo,
  SqlQueryReport,
} from './roles/broker.ts'
export type { DruidService, ServiceStatus } from './roles/common.ts'
export type {
  ClusterCompactionConfig,
  CompactionAuditEntry,
  CompactionConfig,
  CompactionConfigs,
  CompactionOptions,
  CompactionSimulation,
  CompactionStatus,
} from './roles/compaction.ts'
export type { CompactionTaskSlots, CoordinatorCompaction } from './roles/coordinator/compaction.ts'
export type {
  BrokerConfig,
  CloneStatus,
  CoordinatorConfig,
  CoordinatorConfigs,
  SyncedBroker,
} from './roles/coordinator/config.ts'
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
  CoordinatorMetadata,
  DataSourceInformation,
  SegmentsOfOptions,
  SegmentsWithStatusOptions,
  SegmentWithStatus,
  StoredDataSource,
  UnusedSegment,
  UnusedSegmentsOptions,
} from './roles/coordinator/metadata.ts'
export type { RetentionRule, TieredReplicants } from './roles/coordinator/rule.ts'
export type { CoordinatorRules, RulesOptions } from './roles/coordinator/rules.ts'
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
export type { Historical } from './roles/historical.ts'
export type { LookupIntrospection } from './roles/introspection.ts'
export type { OverlordCompaction } from './roles/overlord/compaction.ts'
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
export type { OverlordSegments } from './roles/overlord/segments.ts'
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
export type {
  Peon,
  PhaseOptions,
  SubtaskAttempt,
  SubtaskProgress,
  SubtaskSpec,
  SubtaskState,
  UnparseableEvents,
} from './roles/peon.ts'
export type { Router } from './roles/router.ts'
export type { DataSegment, SegmentSelection } from './roles/segment.ts'
export type { Indexer, Worker } from './roles/worker.ts'
export type { CompactionProgress, DataSourceCompaction } from './setting/compaction.ts'
export type { SettingChange } from './setting/diff.ts'
export type {
  ResettableSetting,
  Setting,
  SettingVersion,
  Written,
} from './setting/setting.ts'
export type { ClusterSettings } from './setting/settings.ts'
export type { SupervisorSet } from './supervisor/all.ts'
export type { SupervisorHandle } from './supervisor/handle.ts'
export type { SupervisorSummary } from './supervisor/list.ts'
export type {
  AnySupervisorSpec,
  AutoScalerConfig,
  CompactionSupervisorSpec,
  IdleConfig,
  KafkaSupervisorSpec,
  KinesisSupervisorSpec,
  RabbitSupervisorSpec,
  ScheduledBatchSupervisorSpec,
  StreamDataSchema,
  StreamTuningConfig,
  SupervisorSpecs,
} from './supervisor/spec.ts'
export type { CheckedSubmitOptions } from './supervisor/submit.ts'
export type {
  CaughtUpOptions,
  SupervisorProgress,
  SupervisorWaitOptions,
} from './supervisor/wait.ts'
export type { FollowLogOptions } from './task/follow-log.ts'
export type { TaskHandle } from './task/handle.ts'
export {
  archiveTask,
  type CompactTaskParts,
  compactTask,
  type KillTaskParts,
  killTask,
  type MoveTaskParts,
  moveTask,
  type NoopTaskParts,
  noopTask,
  restoreTask,
} from './task/tasks.ts'
export type { Subtasks, TaskProgress, WaitOptions } from './task/wait.ts'
