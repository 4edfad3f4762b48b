import { createHash } from 'node:crypto'
import { access, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheFolder } from './cache.ts'
import { tool } from './prerequisites.ts'
import { run } from './run.ts'

export const LEASH_CLASS = 'DruidLocalLeash'

/**
 * Runs another main class, and ends the process when its standard input ends: so a service stops
 * when its parent is gone, however that went, on every system. Its arguments: milliseconds to wait
 * before stopping when the parent has just vanished (ZooKeeper must outlive the services),
 * milliseconds until a shutdown that hangs is cut short, the main class, and its arguments.
 */
const SOURCE = `
public final class ${LEASH_CLASS} {
  public static void main(String[] args) throws Throwable {
    final long delay = Long.parseLong(args[0]);
    final long grace = Long.parseLong(args[1]);
    Thread leash = new Thread(() -> hold(delay, grace), "leash");
    leash.setDaemon(true);
    leash.start();
    String[] rest = java.util.Arrays.copyOfRange(args, 3, args.length);
    Class.forName(args[2]).getMethod("main", String[].class).invoke(null, (Object) rest);
  }

  private static void hold(long delay, long grace) {
    boolean asked = false;
    try {
      int read;
      while (!asked && (read = System.in.read()) >= 0) asked = read == 'q';
    } catch (java.io.IOException gone) {
      // The same as the end.
    }
    if (!asked) pause(delay);
    Thread end = new Thread(() -> { pause(grace); Runtime.getRuntime().halt(1); }, "leash-end");
    end.setDaemon(true);
    end.start();
    System.exit(0);
  }

  private static void pause(long milliseconds) {
    try { Thread.sleep(milliseconds); } catch (InterruptedException stop) { /* go on */ }
  }
}
`

/** The jar with the leash, compiled on first use: class data sharing wants a class path of jars. */
export async function leashJar(javaBin: string, javaBuild: string): Promise<string> {
  const key = createHash('sha256').update(SOURCE).update(javaBuild).digest('hex').slice(0, 12)
  const folder = await cacheFolder('leash')
  const jar = join(folder, `${key}.jar`)
  const there = await access(jar).then(
    () => true,
    () => false,
  )
  if (there) return jar
  const work = await mkdtemp(join(folder, 'work-'))
  try {
    await writeFile(join(work, `${LEASH_CLASS}.java`), SOURCE)
    await succeed(tool(javaBin, 'javac'), [`${LEASH_CLASS}.java`], work)
    await succeed(tool(javaBin, 'jar'), ['cf', 'leash.jar', '-C', work, '.'], work)
    await rename(join(work, 'leash.jar'), jar)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
  return jar
}

async function succeed(command: string, args: readonly string[], cwd: string): Promise<void> {
  const { code, output } = await run(command, args, { cwd })
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} failed:\n${output}`)
}
