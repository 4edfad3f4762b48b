import { checkPrerequisites } from '@druid/local'

/** Said before any test runs: the tests against a real Druid are not skipped for want of Java. */
try {
  await checkPrerequisites({ home: process.env.DRUID_HOME || undefined })
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`)
  process.stderr.write('(./dev test:unit runs the tests that need no Java.)\n')
  process.exit(1)
}
