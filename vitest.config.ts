import { defineConfig } from 'vitest/config'

/** Projects are kinds of test, not packages: what a test needs decides how it runs. */
const folders = '{packages,extensions,tooling,examples}/*/test'
/** Looks for credentials in all errors that tests produce. */
const setupFiles = ['./tooling/vitest/redaction.ts']

export default defineConfig({
  test: {
    coverage: { include: ['{packages,extensions}/*/src/**'], reporter: ['text-summary'] },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: [`${folders}/unit/**/*.test.ts`],
          setupFiles,
          // Some start compilers and programs, and another run may have the other core.
          testTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'packed',
          include: [`${folders}/packed/**/*.test.ts`],
          globalSetup: ['./tooling/release/consumer.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          maxWorkers: 2,
        },
      },
      {
        extends: true,
        test: {
          name: 'programs',
          include: [`${folders}/programs/**/*.test.ts`],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'real',
          include: [`${folders}/real/**/*.test.ts`],
          setupFiles,
          globalSetup: ['./tooling/vitest/real.ts'],
          testTimeout: 60_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'real-27',
          include: ['packages/{core,cluster}/test/real/**/*.test.ts'],
          setupFiles,
          globalSetup: ['./tooling/vitest/real.ts'],
          testTimeout: 60_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'own',
          include: [`${folders}/own/**/*.test.ts`],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
    ],
  },
})
