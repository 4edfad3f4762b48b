import { library } from '@druid/tsup'

export default library({ main: 'src/main.ts' })
