import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '../../..')

/** The tsconfig.json of an application that resolves modules in this way. */
export function checkedAs(resolution: 'nodenext' | 'bundler'): object {
  return {
    extends: join(root, 'tooling/tsconfig/base.json'),
    compilerOptions: {
      module: resolution === 'bundler' ? 'esnext' : resolution,
      moduleResolution: resolution,
      typeRoots: [join(root, 'node_modules/@types')],
    },
    include: ['*.ts', 'src'],
  }
}
