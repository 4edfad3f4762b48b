export { type DiscoverOptions, discover } from './discovery/discover.ts'
export type { DiscoveredExtension, DiscoverySet } from './extension/report.ts'
