import { type ExtensionHost, sql } from '@druid/core/extension'

/**
 * What `druid.fooClient()` gives. You write the class; the library makes one instance for each
 * connection, on the first call, and keeps it. It may have `[Symbol.asyncDispose]()`, which is called
 * when the connection is closed.
 */
export class FooClient {
  readonly #client: ExtensionHost

  /** Only keeps the client: `connect` sends nothing, so requests belong into the methods. */
  constructor(client: ExtensionHost) {
    this.#client = client
  }

  /**
   * The names of the tables of a schema, sorted: `druid` has the data sources, `sys` what Druid knows
   * of itself.
   */
  async tables(schema: string = 'druid'): Promise<string[]> {
    // A value in ${} is sent as a parameter of the query, never as a part of its text.
    const rows = await this.#client.query(sql<{ name: string }>`
      SELECT TABLE_NAME AS name FROM INFORMATION_SCHEMA.TABLES
      WHERE TABLE_SCHEMA = ${schema} ORDER BY 1`)
    return rows.map(({ name }) => name)
  }
}
