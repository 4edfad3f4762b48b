import { join } from 'node:path'
import { MODULE_FLAGS } from './jvm.ts'
import type { Properties } from './services.ts'

/** How a MiddleManager starts the JVM of a task: as the services' own, and with their log format. */
export function peonProperties(dataDir: string, java: string): Properties {
  return {
    'druid.indexer.runner.javaCommand': java,
    'druid.indexer.runner.javaOptsArray': JSON.stringify([
      '-XX:+UseSerialGC',
      '-XX:TieredStopAtLevel=1',
      '-XX:MaxDirectMemorySize=300m',
      '-XX:+ExitOnOutOfMemoryError',
      '-XX:-UsePerfData',
      '-Xmx256m',
      ...MODULE_FLAGS,
      '-Duser.timezone=UTC',
      '-Dfile.encoding=UTF-8',
      `-Djava.io.tmpdir=${join(dataDir, 'tmp')}`,
      `-Dlog4j.configurationFile=${join(dataDir, 'conf', 'log4j2.xml')}`,
    ]),
  }
}
