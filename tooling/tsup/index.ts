import { defineConfig } from 'tsup'

/**
 * The build every published package shares: one ESM file and one .d.ts per entry.
 * Specifiers that start with `#` stay as they are: the package's `imports` choose the file at run
 * time, so that a platform's own code never gets into the universal entry.
 */
export function library(entry: Record<string, string>): ReturnType<typeof defineConfig> {
  return defineConfig({
    entry,
    format: 'esm',
    target: 'node22',
    dts: true,
    clean: true,
    sourcemap: true,
    removeNodeProtocol: false,
    external: [/^#/],
  })
}
