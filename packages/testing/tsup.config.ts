import { library } from '@druid/tsup'

export default library({
  index: 'src/index.ts',
  // Run as a program of its own by checkExtension.
  runner: 'src/check/runner.ts',
})
