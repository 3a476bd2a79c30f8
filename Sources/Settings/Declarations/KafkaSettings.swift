package struct KafkaSettings: SettingGroup {
  package static let title = "Kafka"
  private static let all: [SettingReader] = [.collector, .topics, .deadLetters, .load, .users, .decks, .teaching]

  package let brokers = Setting(
    "KAFKA_BROKERS", .text, default: "localhost:9092", by: all + [.scripts],
    "Comma-separated host:port list. If set, the scripts start no broker.")
  package let properties = Setting(
    "KAFKA_PROPERTIES", .list, default: "", by: all,
    "librdkafka's own properties, name=value, comma-separated: security.protocol=SASL_SSL,sasl.username=… Those that delivery rests on are refused."
  )
  package let replicationFactor = Setting(
    "KAFKA_REPLICATION_FACTOR", .integer(in: 1...32), absent: "what kafka/topics.yaml says", by: [.topics],
    "Replicas of each topic that `kartoteka topics apply` creates.")
}

package struct ObjectStoreSettings: SettingGroup {
  package static let title = "S3"

  package let endpoint = Setting(
    "S3_ENDPOINT", .url, default: "http://localhost:9002", by: [.decks, .scripts],
    "Address of the S3 store. If set, the scripts start none.")
  package let accessKey = Setting(
    "S3_ACCESS_KEY", .text, default: "kartoteka", by: [.decks, .scripts], "Who writes the store.")
  package let secretKey = Setting(
    "S3_SECRET_KEY", localDefault: "kartoteka-local-secret", by: [.decks, .scripts], "The secret of that key.")
  package let region = Setting(
    "S3_REGION", .text, default: "us-east-1", by: [.decks, .scripts],
    "The region that requests to the store are signed for.")
  package let bucketCards = Setting(
    "S3_BUCKET_CARDS", .text, default: "cards", by: [.decks, .scripts], "Bucket of the cards' images.")
  package let bucketKafka = Setting(
    "S3_BUCKET_KAFKA", .text, default: "kafka", by: [.scripts], "Bucket in which the local broker keeps its log.")
}

package struct EmailSettings: SettingGroup {
  package static let title = "E-mail addresses"

  package let hashKey = Setting(
    "EMAIL_HASH_KEY", localDefault: "6b6172746f74656b612d6c6f63616c21", by: [.collector],
    "Key of the hash that analytics keeps instead of an address: 32 hexadecimal digits.")
  package let keepsAddresses = Setting(
    "EMAIL_KEEP_ADDRESSES", .flag, default: "false", by: [.collector], "true: the addresses themselves are kept too.")
}
