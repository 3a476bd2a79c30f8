"""Messages put into Kafka exactly as they were: partition, key, value and timestamp, so that they get the same offsets."""

import base64
import ctypes

from platform_tools.layout import PLATFORM, Failure

# rd_kafka_vtype_t
END, TOPIC, PARTITION, VALUE, KEY, MSGFLAGS, TIMESTAMP = 0, 1, 3, 4, 5, 7, 8
COPY = 2  # RD_KAFKA_MSG_F_COPY


def produce(brokers, messages, seconds=60):
    """Sends `messages`, lines of a fixture, in their order, and waits until all are acknowledged."""
    path = PLATFORM / "lib" / "librdkafka.so.1"
    library, text = ctypes.CDLL(str(path) if path.exists() else "librdkafka.so.1"), ctypes.create_string_buffer(512)
    for name in ("rd_kafka_conf_new", "rd_kafka_new"):
        getattr(library, name).restype = ctypes.c_void_p
    settings = ctypes.c_void_p(library.rd_kafka_conf_new())
    for name, value in {"bootstrap.servers": brokers, "enable.idempotence": "true", "message.max.bytes": "8388608", "log_level": "2"}.items():
        if library.rd_kafka_conf_set(settings, name.encode(), value.encode(), text, ctypes.c_size_t(512)) != 0:
            raise Failure(f"librdkafka refuses {name}: {text.value.decode()}")
    client = ctypes.c_void_p(library.rd_kafka_new(0, settings, text, ctypes.c_size_t(512)))
    if not client:
        raise Failure(f"librdkafka makes no producer: {text.value.decode()}")
    for message in messages:
        key, value = (None if message[name] is None else base64.b64decode(message[name]) for name in ("key", "value"))
        error = library.rd_kafka_producev(
            client,
            ctypes.c_int(TOPIC), ctypes.c_char_p(message["topic"].encode()),
            ctypes.c_int(PARTITION), ctypes.c_int32(message["partition"]),
            ctypes.c_int(MSGFLAGS), ctypes.c_int(COPY),
            ctypes.c_int(KEY), ctypes.c_char_p(key), ctypes.c_size_t(len(key or b"")),
            ctypes.c_int(VALUE), ctypes.c_char_p(value), ctypes.c_size_t(len(value or b"")),
            ctypes.c_int(TIMESTAMP), ctypes.c_int64(message["timestamp"]),
            ctypes.c_int(END),
        )  # fmt: skip
        if error != 0:
            raise Failure(f"librdkafka does not take a message: error {error}")
    if library.rd_kafka_flush(client, ctypes.c_int(seconds * 1000)) != 0:
        raise Failure(f"The broker did not acknowledge {library.rd_kafka_outq_len(client)} messages in {seconds} s.")
    library.rd_kafka_destroy(client)
