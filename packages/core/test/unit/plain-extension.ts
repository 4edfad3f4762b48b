import { connect } from '@druid/core'
import {
  type AnyExtension,
  defineExtension,
  type ExtensionHost,
  type RegistrationContext,
} from '@druid/core/extension'
import { expect } from 'vitest'

export const URL_OF_DRUID = 'http://druid:8888'

export class Thing {
  readonly client: ExtensionHost
  constructor(client: ExtensionHost) {
    this.client = client
  }
}
export class OtherThing extends Thing {}

export const thing = defineExtension({ name: 'thing', client: Thing })

/** An extension as plain JavaScript has it: a name and a function. */
export function plain(
  name: string,
  registerClient: (context: RegistrationContext) => unknown,
  apiVersion: unknown = 1,
): AnyExtension {
  return { '~druid': { apiVersion }, name, registerClient } as unknown as AnyExtension
}

/** A client of which only run time knows the methods. */
export type Open = ReturnType<typeof connect> & Record<string, () => unknown>

export function open(extensions: readonly AnyExtension[], options: object = {}): Open {
  return connect(URL_OF_DRUID, {
    extensions,
    onExtensionError: 'silent',
    ...options,
  }) as unknown as Open
}

/** An `EXTENSION` error that says this. */
export const extensionError = (text: string | RegExp): object =>
  expect.objectContaining({ code: 'EXTENSION', message: expect.stringMatching(text) })
