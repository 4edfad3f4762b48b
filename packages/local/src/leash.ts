import type { JavaClass } from './compile.ts'

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

export const LEASH: JavaClass = { name: LEASH_CLASS, source: SOURCE }
