export {
  type DetachedDruid,
  type DetachedOptions,
  defaultDataDir,
  findDetached,
  startDetached,
  stopDetached,
} from './detached.ts'
export { drawProgress } from './draw.ts'
export { type KafkaOptions, type LocalKafka, type ProduceOptions, startKafka } from './kafka.ts'
export type { MemberKind, ServiceCounts, ServiceName } from './members.ts'
export type { Ports } from './ports.ts'
export { checkPrerequisites, type Prerequisites } from './prerequisites.ts'
export type { OnProgress, Progress } from './progress.ts'
export type { Permission, Security, User } from './security.ts'
export type { LocalService } from './service.ts'
export type { Properties } from './services.ts'
export { type LocalDruid, type StartOptions, startDruid } from './start.ts'
export type { Certificate, CertificateRequest, LocalTls, Tls } from './tls.ts'
