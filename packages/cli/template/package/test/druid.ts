import { drawProgress, type LocalDruid, startDruid } from '@druid/local'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    readonly druidUrl: string
  }
}

let started: LocalDruid | undefined

/** One Druid for all real tests: that of `DRUID_URL`, else one that is started on this machine. */
export async function setup(project: TestProject): Promise<void> {
  const url = process.env.DRUID_URL
  if (!url) {
    started = await startDruid({
      home: process.env.DRUID_HOME || undefined,
      onProgress: drawProgress(),
    })
  }
  project.provide('druidUrl', url || (started?.routerUrl ?? ''))
}

export async function teardown(): Promise<void> {
  await started?.stop()
}
