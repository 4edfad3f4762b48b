import { spawn } from 'node:child_process'

export interface Ran {
  readonly code: number | null
  /** Standard output and standard error, as they came. */
  readonly output: string
}

/** Runs a command to its end. Rejects when it cannot be started, or the signal ends it. */
export function run(
  command: string,
  args: readonly string[],
  options: {
    readonly cwd?: string
    readonly env?: NodeJS.ProcessEnv
    readonly signal?: AbortSignal | undefined
    readonly onLine?: (line: string) => void
    /** Its standard input. Default: none. */
    readonly input?: string
  } = {},
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      ...(options.cwd && { cwd: options.cwd }),
      ...(options.env && { env: options.env }),
      ...(options.signal && { signal: options.signal }),
      stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      // Maven is a .cmd file there, which only a shell runs; a shell would split other paths.
      shell: process.platform === 'win32' && command === 'mvn',
    })
    let output = ''
    let line = ''
    const take = (chunk: string): void => {
      output += chunk
      const lines = (line + chunk).split('\n')
      line = lines.pop() ?? ''
      for (const whole of lines) options.onLine?.(whole)
    }
    // It may end without having read all of it.
    child.stdin?.on('error', () => {}).end(options.input)
    child.stdout?.setEncoding('utf8').on('data', take)
    child.stderr?.setEncoding('utf8').on('data', take)
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, output }))
  })
}
