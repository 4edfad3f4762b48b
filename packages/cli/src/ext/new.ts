import { access, mkdir, writeFile } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import { print } from '../output.ts'
import { type Name, readName } from './name.ts'
import { findRepository, hasPackage, wire } from './repository.ts'
import { type Files, filesOf } from './template.ts'

interface NewOptions {
  readonly dir?: string
  readonly inRepo?: boolean
}

/** `druid ext new`: a whole extension, which passes its own tests at once. */
export function addNew(ext: Command): void {
  ext
    .command('new')
    .description('write a new extension: sources, tests, build, README')
    .argument('<name>', 'audit-log, druid-audit-log or @acme/druid-audit-log', readName)
    .option('--dir <folder>', 'where to (default: a folder of the name of the package)')
    .option('--in-repo', 'in extensions/ of the repository of @druid/* (default: when within it)')
    .action(create)
}

async function create(name: Name, { dir, inRepo }: NewOptions): Promise<void> {
  const repository = dir === undefined || inRepo ? await findRepository(process.cwd()) : undefined
  if (inRepo && dir !== undefined) {
    throw new InvalidArgumentError('--in-repo says where to, so --dir cannot')
  }
  if (inRepo && repository === undefined) {
    throw new InvalidArgumentError('--in-repo is for the repository of @druid/*; this is not in it')
  }
  if (repository === undefined) await createPackage(name, dir)
  else await createInRepository(name, repository)
}

async function createPackage(name: Name, dir: string | undefined): Promise<void> {
  const folder = resolve(dir ?? name.packageName.replace(/^@[^/]*\//, ''))
  await writeAll(folder, await filesOf(name, 'package'))
  const there = relative('', folder)
  print(`wrote the package ${name.packageName} to ${there || '.'}. Next:
${there && `\n  cd ${there}`}
  npm install
  npm test             with a Druid in memory
  npm run test:real    with that of DRUID_URL, or one that is started here
  npm run check        what is wrong with the package`)
}

async function createInRepository({ packageName, extension }: Name, root: string): Promise<void> {
  if (packageName.startsWith('@') && !packageName.startsWith('@druid/')) {
    throw new InvalidArgumentError(
      `a package of this repository is called @druid/${extension}; --dir makes one of its own elsewhere`,
    )
  }
  const name = { packageName: `@druid/${extension}`, extension }
  if (await hasPackage(root, name.packageName)) {
    throw new Error(`this repository has a package ${name.packageName} already`)
  }
  const folder = join(root, 'extensions', extension)
  await writeAll(folder, await filesOf(name, 'repository'))
  await wire(root, folder, name.packageName)
  print(`wrote the package ${name.packageName} to extensions/${extension}, and added it to package.json. Next:

  ./dev install
  ./dev exec vitest run --project unit extensions/${extension}
  ./dev exec druid ext check extensions/${extension}

By hand, when it is to be published:
  tooling/release/tarballs.ts                      PUBLISHED: 'extensions/${extension}'
  tooling/release/package.json                     dependencies: "${name.packageName}"
  tooling/architecture/test/unit/imports.test.ts   PACKAGES: what it may import
  README.md                                        a row of the table
  ./dev changeset                                  what users will read`)
}

/** @throws Error when one of the files is there already; then nothing is written. */
async function writeAll(folder: string, files: Files): Promise<void> {
  for (const path of files.keys()) {
    const isThere = await access(join(folder, path)).then(
      () => true,
      () => false,
    )
    if (isThere) {
      const file = relative('', join(folder, path))
      throw new Error(`${file} is there already, and nothing is overwritten; nothing was written`)
    }
  }
  for (const [path, text] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text, { flag: 'wx' })
  }
}
