import type { JavaClass } from './compile.ts'

const NAME = 'DruidLocalKafka'

/**
 * Kafka's own clients, for a moment: `create <topic> <partitions>`, or `produce <topic>` of lines
 * with a key and a value, both in base64, an empty key for none. Its end says that the broker has it.
 */
const SOURCE = `
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

public final class ${NAME} {
  public static void main(String[] args) throws Exception {
    try {
      Map<String, Object> config = Map.of("bootstrap.servers", args[0]);
      if (args[1].equals("create")) create(config, args[2], Integer.parseInt(args[3]));
      else produce(config, args[2]);
    } catch (ExecutionException e) {
      System.err.println("failed: " + e.getCause());
      System.exit(1);
    }
  }

  private static void create(Map<String, Object> config, String topic, int partitions)
      throws Exception {
    try (Admin admin = Admin.create(config)) {
      admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1))).all().get();
    }
  }

  private static void produce(Map<String, Object> config, String topic) throws Exception {
    ByteArraySerializer bytes = new ByteArraySerializer();
    List<Future<?>> sent = new ArrayList<>();
    try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(config, bytes, bytes);
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in))) {
      for (String line; (line = lines.readLine()) != null; ) {
        String[] parts = line.split(" ", 2);
        byte[] key = parts[0].isEmpty() ? null : Base64.getDecoder().decode(parts[0]);
        sent.add(producer.send(new ProducerRecord<>(topic, key, Base64.getDecoder().decode(parts[1]))));
      }
      producer.flush();
      for (Future<?> it : sent) it.get();
    }
  }
}
`

export function kafkaClient(jars: readonly string[]): JavaClass {
  return { name: NAME, source: SOURCE, classPath: jars }
}
