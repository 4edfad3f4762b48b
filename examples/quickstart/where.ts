import { createInterface } from 'node:readline/promises'
import {
  checkPrerequisites,
  defaultDataDir,
  drawProgress,
  findDetached,
  startDetached,
  startDruid,
  stopDetached,
} from '@druid/local'

/** The Druid that the quickstart speaks to. */
export interface Where {
  readonly url: string
  /** Before the names of its data sources: in a cluster of yours they must not be mistaken. */
  readonly prefix: string
  /** `own`: ends with the quickstart. `kept`: goes on. `yours`: was there before. */
  readonly kind: 'own' | 'kept' | 'yours'
  /** `well`: whether all was done. What this run started, and did not do, does not stay. */
  readonly end: (well: boolean) => Promise<void>
}

export interface WhereOptions {
  readonly keep: boolean
  readonly yes: boolean
  readonly clean: boolean
  readonly signal: AbortSignal
}

/** A cluster that runs (`DRUID_URL`, or one kept earlier), else a new one on this machine. */
export async function findOrStart(options: WhereOptions): Promise<Where> {
  const nothing = async (): Promise<void> => {}
  const url = process.env.DRUID_URL
  if (url) {
    await confirm(url, options)
    return { url, prefix: 'quickstart_', kind: 'yours', end: nothing }
  }
  if (options.clean) {
    throw new Error(
      `--clean is for a cluster of yours (DRUID_URL). The quickstart's own data is the folder ${defaultDataDir()}`,
    )
  }
  const running = await findDetached()
  if (running) return { url: running.routerUrl, prefix: '', kind: 'kept', end: nothing }

  const home = process.env.DRUID_HOME || undefined
  const { signal } = options
  await checkPrerequisites({ home, signal })
  const start = { home, signal, dataDir: defaultDataDir(), onProgress: drawProgress() }
  if (options.keep) {
    const kept = await startDetached(start)
    const end = async (well: boolean): Promise<void> => {
      if (!well) await stopDetached()
    }
    return { url: kept.routerUrl, prefix: '', kind: 'kept', end }
  }
  const own = await startDruid(start)
  return { url: own.routerUrl, prefix: '', kind: 'own', end: () => own.stop() }
}

/** Nothing is written to somebody's cluster unasked. Throws for an answer that is no yes. */
async function confirm(url: string, { yes, clean, signal }: WhereOptions): Promise<void> {
  const origin = /^https?:/.test(url) && URL.canParse(url) ? new URL(url).origin : undefined
  if (origin === undefined) {
    throw new Error('DRUID_URL is not the URL of a Router, such as http://localhost:8888')
  }
  if (yes) return
  const what = clean
    ? `remove the data sources quickstart_flights and quickstart_airports from ${origin}`
    : `write the data sources quickstart_flights and quickstart_airports to ${origin}`
  if (!process.stdin.isTTY) throw new Error(`this would ${what}; say --yes to allow it`)
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const answer = await terminal.question(`This will ${what}. Go on? [y/N] `, { signal })
    if (!/^y(es)?$/i.test(answer.trim())) throw new Error('nothing was done')
  } finally {
    terminal.close()
  }
}
