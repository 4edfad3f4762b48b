import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { type ParsedTarFileItem, parseTar } from 'nanotar'

/** More than any client of a database needs; a small file may unpack to any size. */
const LARGEST = 256 * 1024 * 1024

const unzip = promisify(gunzip)

/** A file of a packed package, by its path within it. */
interface PackedFile {
  readonly path: string
  readonly data: Uint8Array
}

/**
 * Unpacks a tarball as npm does: less the first folder of each path. Only plain files; throws at
 * links, and at paths that lead out of the package, before anything was written.
 */
export async function unpack(tarball: string, folder: string): Promise<void> {
  const files = await filesIn(tarball)
  for (const { path, data } of files) {
    const file = join(folder, path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, data)
  }
}

async function filesIn(tarball: string): Promise<PackedFile[]> {
  const unzipped = await unzip(await readFile(tarball), { maxOutputLength: LARGEST })
  // nanotar reads the whole ArrayBuffer, which a Buffer may share with others.
  const items = parseTar(new Uint8Array(unzipped))
  if (items.length === 0) throw new Error('it is empty')
  return items.flatMap((item) => {
    if (item.type === 'directory') return []
    if (item.type !== 'file') throw new Error(`it holds a ${item.type}: ${item.name}`)
    const path = fullName(item).split('/').slice(1).join('/')
    return path === '' ? [] : [{ path, data: item.data ?? new Uint8Array() }]
  })
}

/**
 * The path as it stands in the tarball: nanotar resolves `..`, and leaves out the first part of
 * names of more than 100 characters. Throws for one that leads elsewhere.
 */
function fullName({ name, data, attrs }: ParsedTarFileItem): string {
  const long = (attrs as { path?: unknown } | undefined)?.path
  const raw = data === undefined || typeof long === 'string' ? String(long ?? name) : inHeader(data)
  const parts = raw.replaceAll('\\', '/').split('/')
  if (parts.includes('..') || raw.startsWith('/') || /^[a-zA-Z]:/.test(raw) || raw.includes('\0')) {
    throw new Error(`it holds a path that leads out of the package: ${raw}`)
  }
  return parts.filter((part) => part !== '.').join('/')
}

/** The header of a file is the block before its data: name at 0, prefix at 345. */
function inHeader(data: Uint8Array): string {
  const header = new Uint8Array(data.buffer, data.byteOffset - 512, 512)
  const text = (start: number, length: number): string => {
    const field = header.subarray(start, start + length)
    const end = field.indexOf(0)
    return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end))
  }
  const isUstar = text(257, 5) === 'ustar'
  const prefix = isUstar ? text(345, 155) : ''
  return prefix === '' ? text(0, 100) : `${prefix}/${text(0, 100)}`
}
