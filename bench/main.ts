/** `./dev bench [decode|small|extensions|…] [options]`: what there is, or one of them. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

const [name, ...options] = process.argv.slice(2)
const BENCHES = ['decode', 'memory', 'import', 'truncated', 'druid', 'extensions']
const file = join(import.meta.dirname, `${name}.ts`)
if (name === undefined || !BENCHES.includes(name) || !existsSync(file)) {
  process.stderr.write(`./dev bench <name>: one of ${BENCHES.join(', ')}\n`)
  process.exit(2)
}
const built = join(import.meta.dirname, 'built.ts')
const argv = ['--import', built, file, ...options]
process.exit(spawnSync(process.execPath, argv, { stdio: 'inherit' }).status ?? 1)
