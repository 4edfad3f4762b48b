import type { JavaClass } from './compile.ts'

const NAME = 'DruidLocalTls'

/**
 * Services call another over HTTPS when it serves that, and need to be told with which certificates:
 * those that Java's own system properties name (`javax.net.ssl.keyStore` and so on). It is what
 * Druid's extension `simple-client-sslcontext` is for, whose jars do not resolve.
 */
const SOURCE = `
import com.fasterxml.jackson.databind.Module;
import com.google.inject.Binder;
import java.lang.annotation.Annotation;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.apache.druid.guice.annotations.Client;
import org.apache.druid.guice.annotations.EscalatedClient;
import org.apache.druid.guice.annotations.EscalatedGlobal;
import org.apache.druid.guice.annotations.Global;
import org.apache.druid.initialization.DruidModule;
import org.apache.druid.server.router.Router;

public final class ${NAME} implements DruidModule {
  private static final List<Class<? extends Annotation>> CALLERS =
      List.of(Client.class, EscalatedClient.class, EscalatedGlobal.class, Global.class, Router.class);

  @Override
  public void configure(Binder binder) {
    SSLContext context;
    try {
      context = SSLContext.getDefault();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
    binder.bind(SSLContext.class).toInstance(context);
    for (Class<? extends Annotation> caller : CALLERS)
      binder.bind(SSLContext.class).annotatedWith(caller).toInstance(context);
  }

  @Override
  public List<? extends Module> getJacksonModules() {
    return List.of();
  }
}
`

/** Druid finds it in the class path. */
export function tlsModule(jars: readonly string[]): JavaClass {
  const provides = 'org.apache.druid.initialization.DruidModule'
  return { name: NAME, source: SOURCE, classPath: jars, provides }
}
