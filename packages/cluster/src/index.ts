export type { Cluster, ClusterOptions } from './cluster.ts'
export type { NamedService, ServerAddress, Service } from './discovery/service.ts'
export type { IngestOptions, IngestProgress, IngestResult, IngestTask } from './ingest/ingest.ts'
export { type AddressMapper, type DockerPortsOptions, dockerPorts } from './mapping/mapper.ts'
export { type ClusterProvides, cluster } from './register.ts'
export type { DruidService, ServiceStatus } from './roles/common.ts'
export type { Coordinator, SegmentsToLoadOptions } from './roles/coordinator/coordinator.ts'
export type {
  Overlord,
  TaskReport,
  TaskSpec,
  TaskStatus,
  WaitOptions,
} from './roles/overlord/overlord.ts'
