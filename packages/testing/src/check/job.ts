import type { Problem } from './problem.ts'

/** What the runner is to run. */
export interface Job {
  /** URL of the extension's `./register`. */
  readonly entry: string
  /** URL of its package's folder, with a slash at the end. */
  readonly inside: string
  /** Folder of an application that has the package as a dependency. */
  readonly application: string
  /** URLs of the entries of core. */
  readonly core: { readonly index: string; readonly extension: string; readonly discover: string }
  readonly options?: unknown
  /** Only imports it, to measure how long that takes. */
  readonly onlyImport: boolean
}

export type Step = 'start' | 'import' | 'register' | 'construct' | 'close' | 'done'

/** What the runner tells, one per line. */
export type Told =
  | { readonly step: Step }
  | { readonly problem: Problem }
  | { readonly facts: Partial<Facts> }

/** What became known of the extension. */
export interface Facts {
  /** Milliseconds that importing took, over those of an empty module. */
  readonly ms: number
  /** Whether code of the package imports @druid/core. */
  readonly usesCore: boolean
  /** Its name, if the module has a definition. */
  readonly name: string
  /** The extension API that it was built for, if the module has a definition. */
  readonly apiVersion: number
}
