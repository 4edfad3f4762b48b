import { library } from '@druid/tsup'

export default library({
  index: 'src/index.ts',
  extension: 'src/extension.ts',
  fetch: 'src/fetch.ts',
  discover: 'src/discover.ts',
  auto: 'src/auto.ts',
  'transport-node': 'src/transport/node.ts',
  'transport-fetch': 'src/transport/fetch.ts',
})
