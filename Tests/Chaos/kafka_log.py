"""Everything that is in Kafka, read by librdkafka through ctypes: no code of the project's, no consumer group.

Each partition is read from its beginning until the broker says it has no more.
"""

import ctypes
import re
import time
import zlib
from array import array

from platform_tools.layout import PLATFORM, Failure

OFFSET_BEGINNING = -2
PARTITION_EOF = -191
EVENT_ID = re.compile(rb'"event_id":"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})","event_type":"(\w+)"')
NO_ID = bytes(16)


class Message(ctypes.Structure):
    """rd_kafka_message_t"""

    _fields_ = [
        ("err", ctypes.c_int),
        ("topic", ctypes.c_void_p),
        ("partition", ctypes.c_int32),
        ("payload", ctypes.c_void_p),
        ("length", ctypes.c_size_t),
        ("key", ctypes.c_void_p),
        ("key_length", ctypes.c_size_t),
        ("offset", ctypes.c_int64),
        ("private", ctypes.c_void_p),
    ]


class Partition:
    """The messages of one partition, in order: offset, checksum of the value, event_id and type as the text has them."""

    def __init__(self):
        self.offsets, self.checksums, self.types = array("q"), array("I"), array("H")
        self.ids = bytearray()
        self.tombstones = []

    def __len__(self):
        return len(self.offsets)


class KafkaLog:
    def __init__(self, brokers):
        library = PLATFORM / "lib" / "librdkafka.so.1"
        self.library = ctypes.CDLL(str(library) if library.exists() else "librdkafka.so.1")
        self.library.rd_kafka_topic_name.restype = ctypes.c_char_p
        for name in ("rd_kafka_conf_new", "rd_kafka_new", "rd_kafka_topic_partition_list_new", "rd_kafka_topic_partition_list_add", "rd_kafka_queue_get_consumer"):
            getattr(self.library, name).restype = ctypes.c_void_p
        self.library.rd_kafka_consume_batch_queue.restype = ctypes.c_ssize_t
        self.brokers = brokers
        self.asking = None
        self.type_names = [""]  # numbers of event types as seen
        self.type_numbers = {b"": 0}

    def _client(self):
        library, text = self.library, ctypes.create_string_buffer(512)
        settings = ctypes.c_void_p(library.rd_kafka_conf_new())
        wanted = {
            "bootstrap.servers": self.brokers, "group.id": "chaos-reader", "enable.auto.commit": "false", "check.crcs": "true",
            "enable.partition.eof": "true", "fetch.message.max.bytes": "8388608", "fetch.wait.max.ms": "100",
            "allow.auto.create.topics": "false", "log_level": "2",
        }  # fmt: skip
        for name, value in wanted.items():
            if library.rd_kafka_conf_set(settings, name.encode(), value.encode(), text, ctypes.c_size_t(512)) != 0:
                raise Failure(f"librdkafka refuses {name}: {text.value.decode()}")
        client = library.rd_kafka_new(1, settings, text, ctypes.c_size_t(512))
        if not client:
            raise Failure(f"librdkafka makes no consumer: {text.value.decode()}")
        return ctypes.c_void_p(client)

    def end(self, topic, number, seconds=5):
        """The offset after the partition's last message, or None when the broker does not say so in time."""
        self.asking = self.asking or self._client()
        low, high = ctypes.c_int64(), ctypes.c_int64()
        error = self.library.rd_kafka_query_watermark_offsets(
            self.asking, topic.encode(), ctypes.c_int32(number), ctypes.byref(low), ctypes.byref(high), seconds * 1000
        )
        return high.value if error == 0 else None

    def read(self, topics, seconds=90):
        """{(topic, number): Partition} of all partitions; `topics` says how many each topic has.

        Raises Failure when nothing came for `seconds` and an end is missing.
        """
        library, client = self.library, self._client()
        wanted = {(topic, number): Partition() for topic, count in topics.items() for number in range(count)}
        places = ctypes.c_void_p(library.rd_kafka_topic_partition_list_new(len(wanted)))
        for topic, number in wanted:
            # The element's third field is the offset: { char *topic; int32_t partition; int64_t offset; … }
            element = library.rd_kafka_topic_partition_list_add(places, topic.encode(), ctypes.c_int32(number))
            ctypes.c_int64.from_address(element + 16).value = OFFSET_BEGINNING
        library.rd_kafka_assign(client, places)
        library.rd_kafka_topic_partition_list_destroy(places)
        queue = ctypes.c_void_p(library.rd_kafka_queue_get_consumer(client))
        try:
            self._drain(queue, wanted, seconds)
        finally:
            # The client is left to the process's end: destroying one that has just read was seen to wait for ever.
            library.rd_kafka_assign(client, None)
        return wanted

    def _drain(self, queue, wanted, seconds):
        library = self.library
        batch = (ctypes.POINTER(Message) * 2000)()
        open_ends, names = set(wanted), {}
        last = time.monotonic()
        while open_ends:
            count = library.rd_kafka_consume_batch_queue(queue, 500, batch, ctypes.c_size_t(2000))
            for index in range(count):
                message = batch[index].contents
                if message.topic and message.topic not in names:
                    names[message.topic] = library.rd_kafka_topic_name(ctypes.c_void_p(message.topic)).decode()
                place = names.get(message.topic), message.partition
                if message.err == 0:
                    self._take(wanted[place], message)
                    last = time.monotonic()
                elif message.err == PARTITION_EOF:
                    open_ends.discard(place)
                library.rd_kafka_message_destroy(batch[index])
            if time.monotonic() - last > seconds:
                missing = ", ".join(f"{topic}/{number}" for topic, number in sorted(open_ends))
                raise Failure(f"Nothing came from Kafka for {seconds} s, and the ends of {missing} were not reached.")

    def _take(self, partition, message):
        if not message.payload:
            partition.tombstones.append(message.offset)
            return
        value = ctypes.string_at(message.payload, message.length)
        found = EVENT_ID.search(value, 0, 200)
        kind = found[2] if found else b""
        if kind not in self.type_numbers:
            self.type_numbers[kind] = len(self.type_names)
            self.type_names.append(kind.decode())
        partition.offsets.append(message.offset)
        partition.checksums.append(zlib.crc32(value))
        partition.types.append(self.type_numbers[kind])
        partition.ids += bytes.fromhex(found[1].replace(b"-", b"").decode()) if found else NO_ID
