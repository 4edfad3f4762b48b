import { type Configurable, defineExtension, type Extension } from '@druid/core/extension'
import { type Cluster, DruidCluster } from './cluster.ts'
import type { ClusterOptions } from './discovery/options.ts'
import { CommonService, type DruidService } from './roles/common.ts'
import { type Coordinator, CoordinatorService } from './roles/coordinator/coordinator.ts'
import { type Overlord, OverlordService } from './roles/overlord/overlord.ts'

/** What `cluster` adds. Interfaces, not classes: two installed copies must stay assignable. */
export interface ClusterProvides {
  readonly cluster: Cluster
  readonly roles: {
    readonly coordinator: Coordinator
    readonly overlord: Overlord
    readonly broker: DruidService
    readonly router: DruidService
    readonly historical: DruidService
    readonly middle_manager: DruidService
    readonly indexer: DruidService
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
          broker: CommonService,
          router: CommonService,
          historical: CommonService,
          middle_manager: CommonService,
          indexer: CommonService,
        },
      })
    },
  })

export const { registerClient } = cluster
export default cluster
