import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

const folder = join(import.meta.dirname, '.python')

/** The environment of Python with the peers installed, `undefined` where there is no Python. */
export function python(): NodeJS.ProcessEnv | undefined {
  const environment = { ...process.env, PYTHONPATH: folder }
  if (spawnSync('python3', ['--version']).status !== 0) return undefined
  if (!existsSync(join(folder, 'pydruid'))) {
    const packages = ['pydruid==0.6.9', 'requests==2.32.3', 'orjson==3.10.15']
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check']
    try {
      execFileSync('python3', [...pip, '--target', folder, ...packages], { stdio: 'inherit' })
    } catch {
      process.stderr.write(
        'bench: the Python packages cannot be installed; their rows are left out\n',
      )
      return undefined
    }
  }
  return environment
}
