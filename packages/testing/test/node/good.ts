import { describe, it } from 'node:test'
import { cluster } from '@druid/cluster'
import { format } from '@druid/format'
import { imply } from '@druid/imply'
import { describeExtension } from '@druid/testing'

describeExtension(imply, {
  describe,
  it,
  calls: { 'status()': (druid) => druid.implyClient().status('id') },
})
describeExtension(format, { describe, it })
describeExtension(cluster, { describe, it })
