import { describe, it } from 'node:test'
import { defineExtension, type ExtensionHost } from '@druid/core/extension'
import { describeExtension } from '@druid/testing'

class Eager {
  readonly version: Promise<string>
  constructor(client: ExtensionHost) {
    this.version = client.version()
    this.version.catch(() => {})
  }
}

describeExtension(defineExtension({ name: 'eager', client: Eager }), { describe, it })
