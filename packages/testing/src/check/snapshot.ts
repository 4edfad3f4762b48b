import childProcess from 'node:child_process'
import dns from 'node:dns'
import events from 'node:events'
import fs from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import module from 'node:module'
import net from 'node:net'
import process from 'node:process'
import timers from 'node:timers'
import tls from 'node:tls'
import type { Effect } from './guards.ts'

// Kept from before anything of an extension runs: it may have replaced them when they are needed.
const { ownKeys, getOwnPropertyDescriptor, defineProperty, deleteProperty } = Reflect
const { isExtensible } = Object

/** An object whose properties are not the extension's to change. */
interface Watched {
  readonly name: string
  readonly kind: Effect['kind']
  readonly object: object
}

interface Kept extends Watched {
  readonly extensible: boolean
  readonly keys: readonly PropertyKey[]
  readonly properties: Readonly<Record<PropertyKey, PropertyDescriptor>>
}

/** Reading these has effects of its own, on some versions of Node. */
const UNTOUCHED = new Set<PropertyKey>(['localStorage', 'sessionStorage'])

/**
 * What everybody in the process shares: the globals, the built-in modules, all of their prototypes,
 * and those of `core`. Comparing costs about a millisecond.
 */
export function sharedObjects(core: Readonly<Record<string, object>>): Watched[] {
  const watched: Watched[] = [{ name: 'globalThis', kind: 'global', object: globalThis }]
  const seen = new Set<unknown>([globalThis, Function.prototype])
  const add = (name: string, kind: Effect['kind'], value: unknown): void => {
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return
    if (seen.has(value)) return
    seen.add(value)
    watched.push({ name, kind, object: value })
    const prototype: unknown = Reflect.getOwnPropertyDescriptor(value, 'prototype')?.value
    add(`${name}.prototype`, 'prototype', prototype)
    add(`the prototype of ${name}`, 'prototype', Object.getPrototypeOf(value))
  }
  watched.push({ name: 'Function.prototype', kind: 'prototype', object: Function.prototype })
  for (const key of Reflect.ownKeys(globalThis)) {
    // Some are made on first sight, which must not look like a change later.
    if (UNTOUCHED.has(key)) continue
    add(String(key), 'global', (globalThis as Record<PropertyKey, unknown>)[key])
  }
  const modules = { childProcess, dns, events, fs, http, https, module, net, process, timers, tls }
  for (const [name, value] of Object.entries(modules)) add(name, 'global', value)
  add('process.env', 'global', process.env)
  const iterators = [
    [].values(),
    new Map().values(),
    (function* () {})(),
    (async function* () {})(),
  ]
  for (const one of iterators) add('an iterator', 'prototype', Object.getPrototypeOf(one))
  for (const [name, value] of Object.entries(core)) {
    add(`@druid/core ${name}`, 'prototype', value)
  }
  return watched
}

export interface Snapshot {
  /** What has changed since; it is put back, so that the rest of the check can go on. */
  changes(): Effect[]
}

export function snapshot(objects: readonly Watched[]): Snapshot {
  const kept = objects.map(keep)
  return {
    changes() {
      const effects: Effect[] = []
      // No iterators: they may be what was changed.
      for (let i = 0; i < kept.length; i++) compare(kept[i] as Kept, effects)
      return effects
    },
  }
}

function keep(watched: Watched): Kept {
  const keys = ownKeys(watched.object)
  const properties: Record<PropertyKey, PropertyDescriptor> = Object.create(null)
  for (const key of keys) {
    properties[key] = getOwnPropertyDescriptor(watched.object, key) as PropertyDescriptor
  }
  return { ...watched, keys, properties, extensible: isExtensible(watched.object) }
}

function compare(kept: Kept, effects: Effect[]): void {
  const { object, name, kind, keys, properties } = kept
  const tell = (text: string): void => {
    effects[effects.length] = { kind, text }
  }
  if (kept.extensible && !isExtensible(object)) tell(`freezes ${name}`)
  const now = ownKeys(object)
  const variables: string[] = []
  for (let i = 0; i < now.length; i++) {
    const key = now[i] as PropertyKey
    if (isPrivate(object, key) || properties[key] !== undefined) continue
    if (object === globalThis) variables[variables.length] = member(name, key)
    else tell(`adds ${member(name, key)}`)
    deleteProperty(object, key)
  }
  if (variables.length > 0) {
    effects[effects.length] = { kind: 'added', text: `adds ${listed(variables)}` }
  }
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as PropertyKey
    if (isPrivate(object, key)) continue
    const before = properties[key] as PropertyDescriptor
    const after = getOwnPropertyDescriptor(object, key)
    if (after !== undefined && isSame(before, after)) continue
    tell(after === undefined ? `removes ${member(name, key)}` : `changes ${member(name, key)}`)
    try {
      defineProperty(object, key, before)
    } catch {
      // What cannot be put back stays as it is.
    }
  }
}

/** The first of them: helpers that compilers share come by the dozen. */
function listed(names: readonly string[]): string {
  let text = names[0] as string
  for (let i = 1; i < names.length && i < SHOWN; i++) text += `, ${names[i]}`
  return names.length > SHOWN ? `${text} and ${names.length - SHOWN} more` : text
}

const SHOWN = 3

/** Node's own book-keeping, which changes by itself. */
function isPrivate(object: object, key: PropertyKey): boolean {
  if (UNTOUCHED.has(key)) return true
  return object === process && (typeof key === 'symbol' || key[0 as never] === '_')
}

function isSame(one: PropertyDescriptor, other: PropertyDescriptor): boolean {
  return (
    Object.is(one.value, other.value) &&
    one.get === other.get &&
    one.set === other.set &&
    one.writable === other.writable &&
    one.configurable === other.configurable &&
    one.enumerable === other.enumerable
  )
}

function member(name: string, key: PropertyKey): string {
  const known = typeof key === 'symbol' ? `[${String(key)}]` : `.${String(key).slice(0, 80)}`
  return name === 'globalThis' || !name.startsWith('the ')
    ? `${name}${known}`
    : `${known.slice(1)} of ${name}`
}
