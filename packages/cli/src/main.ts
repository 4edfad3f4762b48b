#!/usr/bin/env node
import { isDruidError, messageOf } from '@druid/core/extension'
import { Command, CommanderError, InvalidArgumentError } from 'commander'
import { addCheck } from './ext/check.ts'
import { addList } from './ext/list.ts'
import { addNew } from './ext/new.ts'
import { addSync } from './ext/sync.ts'
import { addTypes } from './ext/types.ts'
import { say } from './output.ts'
import { ownVersion } from './own.ts'
import { addRowTypes } from './row-types.ts'

const druid = new Command('druid')
  .description('Tools of the TypeScript client for Apache Druid')
  .version(ownVersion)
  .exitOverride()
  .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'druid: ')) })
  .addHelpText(
    'after',
    '\nIt ends with 0 when all is well, 1 when not, 2 when it was not understood.',
  )

const ext = druid.command('ext').description('find, check and make extensions')
addList(ext)
addSync(ext)
addTypes(ext)
addCheck(ext)
addNew(ext)
addRowTypes(druid)

// Whoever reads it, `head` say, may have had enough.
process.stdout.on('error', () => process.exit())

let finished = false
process.once('exit', () => {
  if (finished) return
  say('druid: something that was loaded ended the process')
  process.exitCode = 1
})

try {
  await druid.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) {
    // The others it has told by itself.
    if (error instanceof InvalidArgumentError) say(`druid: ${error.message}`)
    process.exitCode = error.exitCode === 0 ? 0 : 2
  } else {
    say(`druid: ${messageOf(error)}`)
    process.exitCode = isDruidError(error, 'CONFIG') ? 2 : 1
  }
}
finished = true
// What was loaded may hold timers or sockets.
process.stdout.write('', () => process.exit())
