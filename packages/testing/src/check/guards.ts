import childProcess from 'node:child_process'
import dgram from 'node:dgram'
import dns from 'node:dns'
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import net from 'node:net'
import process from 'node:process'
import workers from 'node:worker_threads'
import { shown } from './problem.ts'

/** Something that only some may do, and when. Its text completes "importing it …". */
export interface Effect {
  /**
   * `act`: reaches out of the process, or ends it. The others: what it left changed, or open; `added`:
   * global variables that were not there before.
   */
  readonly kind: 'act' | 'global' | 'added' | 'prototype' | 'open'
  readonly text: string
}

type Tell = (effect: Effect) => void
type Functions = Record<string, unknown>

const WRITES = [
  'appendFile',
  'chmod',
  'chown',
  'copyFile',
  'cp',
  'createWriteStream',
  'ftruncate',
  'lchown',
  'link',
  'lutimes',
  'mkdir',
  'mkdtemp',
  'rename',
  'rm',
  'rmdir',
  'symlink',
  'truncate',
  'unlink',
  'utimes',
  'write',
  'writeFile',
  'writev',
]
const LOOKUPS = ['lookup', 'lookupService', 'reverse']
const ENDS = ['exit', 'abort', 'kill', 'reallyExit']

/**
 * Puts itself between the process and the world until the answer is called: requests, sockets,
 * name look-ups, servers, processes, threads, writing files, printing, ending the process. Each is
 * told, and throws instead.
 */
export function guard(tell: Tell): () => void {
  const undo: (() => void)[] = []
  const replace = (
    object: object,
    key: string,
    doing: (args: unknown[]) => string | undefined,
    instead?: unknown,
  ): void => {
    const functions = object as Functions
    const original = functions[key]
    if (typeof original !== 'function') return
    const isOwn = Object.hasOwn(functions, key)
    const guarded = function (this: unknown, ...args: unknown[]): unknown {
      const text = doing(args)
      if (text === undefined) return Reflect.apply(original, this, args)
      tell({ kind: 'act', text })
      if (instead !== undefined) return instead
      throw new Error(`checkExtension lets nobody do this here: it ${text}`)
    }
    functions[key] = Object.assign(guarded, original)
    undo.push(() => {
      if (isOwn) functions[key] = original
      else delete functions[key]
    })
  }

  replace(globalThis, 'fetch', ([url]) => `calls fetch(${place(url)})`)
  for (const key of ['WebSocket', 'EventSource']) {
    replace(globalThis, key, ([url]) => `opens a ${key} to ${place(url)}`)
  }
  replace(net.Socket.prototype, 'connect', (args) => `opens a socket to ${address(args)}`)
  replace(net.Server.prototype, 'listen', () => 'opens a server')
  for (const key of ['send', 'connect', 'bind']) {
    replace(dgram.Socket.prototype, key, () => 'opens a UDP socket')
  }
  for (const object of [dns, dns.promises]) {
    const lookups = Object.keys(object).filter((it) => LOOKUPS.includes(it) || /^resolve/.test(it))
    for (const key of lookups) replace(object, key, ([name]) => `looks up the host ${place(name)}`)
  }
  for (const key of [
    'exec',
    'execFile',
    'fork',
    'spawn',
    'execSync',
    'execFileSync',
    'spawnSync',
  ]) {
    replace(childProcess, key, ([command]) => `starts a process (${place(command)})`)
  }
  replace(workers, 'Worker', () => 'starts a thread')
  for (const object of [fs, fs.promises]) {
    for (const key of WRITES) {
      replace(object, key, ([path]) => `writes files (${key} ${place(path)})`)
      replace(object, `${key}Sync`, ([path]) => `writes files (${key}Sync ${place(path)})`)
    }
    for (const key of ['open', 'openSync']) {
      replace(object, key, ([path, flags]) =>
        isForWriting(flags) ? `writes files (${key} ${place(path)})` : undefined,
      )
    }
  }
  for (const stream of [process.stdout, process.stderr]) {
    replace(stream, 'write', ([text]) => `prints ${place(text)}`, true)
  }
  for (const key of ENDS) replace(process, key, ([code]) => `calls process.${key}(${code ?? ''})`)
  syncBuiltinESMExports()

  return () => {
    for (const one of undo.splice(0)) one()
    syncBuiltinESMExports()
  }
}

function isForWriting(flags: unknown): boolean {
  const { O_WRONLY, O_RDWR, O_CREAT } = fs.constants
  if (typeof flags === 'number') return (flags & (O_WRONLY | O_RDWR | O_CREAT)) !== 0
  return typeof flags === 'string' && /[wa+]/.test(flags)
}

/** What an argument says of where it goes, in one short line. Of a URL not what may be a secret. */
function place(value: unknown): string {
  const at = value instanceof Request ? value.url : value
  const text = typeof at === 'string' || at instanceof URL ? String(at).trim() : typeof at
  const url = /^https?:/.test(text) && URL.canParse(text) ? new URL(text) : undefined
  return shown(url === undefined ? text : `${url.origin}${url.pathname}`)
}

/** Of `connect({ host, port })`, `connect(port, host)`, `connect(path)`; Node gives itself a list. */
function address(args: unknown[]): string {
  const [first, second] = Array.isArray(args[0]) ? (args[0] as unknown[]) : args
  if (typeof first === 'object' && first !== null) {
    const { host, port, path } = first as { host?: unknown; port?: unknown; path?: unknown }
    return String(path ?? `${host ?? 'localhost'}:${port}`)
  }
  return typeof second === 'string' ? `${second}:${first}` : String(first)
}
