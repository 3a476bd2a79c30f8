/* Floor 1: librdkafka reads every message of the topics and throws it away. Prints messages, bytes, seconds, CPU seconds.
 * consume_floor BROKERS COUNT TOPIC:PARTITIONS... ; settings as the collector's. */
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec * 1e-9;
}

static double cpu(void) {
  struct rusage u;
  getrusage(RUSAGE_SELF, &u);
  return u.ru_utime.tv_sec + u.ru_stime.tv_sec + (u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1e-6;
}

static void set(rd_kafka_conf_t *conf, const char *name, const char *value) {
  char text[256];
  if (rd_kafka_conf_set(conf, name, value, text, sizeof text) != RD_KAFKA_CONF_OK) {
    fprintf(stderr, "%s: %s\n", name, text);
    exit(1);
  }
}

int main(int argc, char **argv) {
  if (argc < 4) return 2;
  long wanted = atol(argv[2]), got = 0;
  double bytes = 0;
  char text[256];
  rd_kafka_conf_t *conf = rd_kafka_conf_new();
  set(conf, "bootstrap.servers", argv[1]);
  set(conf, "group.id", "kartoteka-floor");
  set(conf, "enable.auto.commit", "false");
  set(conf, "check.crcs", "true");
  set(conf, "queued.min.messages", "100000");
  set(conf, "queued.max.messages.kbytes", "32768");
  set(conf, "fetch.wait.max.ms", "100");
  rd_kafka_t *client = rd_kafka_new(RD_KAFKA_CONSUMER, conf, text, sizeof text);
  if (!client) {
    fprintf(stderr, "%s\n", text);
    return 1;
  }
  rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(16);
  for (int i = 3; i < argc; i++) {
    char *colon = strchr(argv[i], ':');
    if (!colon) return 2;
    *colon = 0;
    for (int p = 0; p < atoi(colon + 1); p++) rd_kafka_topic_partition_list_add(list, argv[i], p)->offset = 0;
  }
  double start = now(), startCPU = cpu();
  rd_kafka_assign(client, list);
  rd_kafka_queue_t *queue = rd_kafka_queue_get_consumer(client);
  static rd_kafka_message_t *batch[4096];
  while (got < wanted && now() - start < 120) {
    long count = rd_kafka_consume_batch_queue(queue, 1000, batch, 4096);
    for (long i = 0; i < count; i++) {
      if (!batch[i]->err) {
        got++;
        bytes += batch[i]->len;
      }
      rd_kafka_message_destroy(batch[i]);
    }
  }
  printf("{\"messages\": %ld, \"bytes\": %.0f, \"seconds\": %.3f, \"cpu\": %.3f}\n", got, bytes, now() - start,
         cpu() - startCPU);
  return got < wanted;
}
