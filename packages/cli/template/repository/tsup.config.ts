import { library } from '@druid/tsup'

export default library({
  index: 'src/index.ts',
  register: 'src/register.ts',
})
