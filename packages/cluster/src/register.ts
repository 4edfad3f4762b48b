import { type Configurable, defineExtension, type Extension } from '@druid/core/extension'
import { type Cluster, DruidCluster } from './cluster.ts'
import type { ClusterOptions } from './discovery/options.ts'
import { type Broker, BrokerService } from './roles/broker.ts'
import { type Coordinator, CoordinatorService } from './roles/coordinator/coordinator.ts'
import { type Historical, HistoricalService } from './roles/historical.ts'
import { type Overlord, OverlordService } from './roles/overlord/overlord.ts'
import { type Router, RouterService } from './roles/router.ts'
import { type Indexer, IndexerService, type Worker, WorkerService } from './roles/worker.ts'

/** What `cluster` adds. Interfaces, not classes: two installed copies must stay assignable. */
export interface ClusterProvides {
  readonly cluster: Cluster
  readonly roles: {
    readonly coordinator: Coordinator
    readonly overlord: Overlord
    readonly broker: Broker
    readonly router: Router
    readonly historical: Historical
    readonly middle_manager: Worker
    readonly indexer: Indexer
  }
}

/**
 * The extension that gives `client.cluster()`: calls to services other than the one that the
 * connection's URL leads to.
 *
 * @example connect(url, { extensions: [cluster.with({ mapUrl: dockerPorts({ 8081: 18081 }) })] })
 */
export const cluster: Extension<'cluster', ClusterProvides> & Configurable<ClusterOptions> =
  defineExtension({
    name: 'cluster',
    setup(context) {
      const options = context.options as ClusterOptions | undefined
      return context.define({
        summary: 'Cluster',
        cluster: class extends DruidCluster {
          constructor(...[client, clusterContext]: ConstructorParameters<typeof DruidCluster>) {
            super(client, clusterContext, options)
          }
        },
        roles: {
          coordinator: CoordinatorService,
          overlord: OverlordService,
          broker: BrokerService,
          router: RouterService,
          historical: HistoricalService,
          middle_manager: WorkerService,
          indexer: IndexerService,
        },
      })
    },
  })

export const { registerClient } = cluster
export default cluster
