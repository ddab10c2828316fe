"""Read topics that are encrypted at rest, with librdkafka, cramjam and cryptography: nothing of Looma."""

import base64
import hashlib
import hmac
import json
import sys

import cramjam
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, TopicPartition
from cryptography.hazmat.primitives.ciphers.aead import AESGCM


def opened(
    topic: str, key: bytes | None, value: bytes, headers: list[tuple[str, bytes]], secrets: list[bytes]
) -> bytes:
    """Return what a message's value was before it was sealed."""
    named = [each for each in headers if each[0] == "looma_sealed" or each[0].startswith("dlq_")]
    if not named or named[-1][0] != "looma_sealed":  # one before a dead letter's own headers is its publisher's
        return value
    version, _, name = named[-1][1].decode().partition(":")
    assert version == "2"
    keys = {hashlib.sha256(b"looma topic key\0" + secret).hexdigest()[:16]: secret for secret in secrets}
    salt, nonce, sealed = value[:16], value[16:28], value[28:]
    derived = hmac.digest(keys[name], b"looma topic salt\0" + salt, "sha256")
    packed = AESGCM(derived).decrypt(nonce, sealed, topic.encode() + b"\0" + (key or b""))
    return bytes(cramjam.zstd.decompress(packed))


def main(servers: str, topic: str, secrets: list[bytes]) -> None:
    """Print each message that a topic has now."""
    consumer = Consumer({"bootstrap.servers": servers, "group.id": "sealed-reader", "enable.partition.eof": True})
    partitions = consumer.list_topics(topic, timeout=30).topics[topic].partitions
    consumer.assign([TopicPartition(topic, partition, OFFSET_BEGINNING) for partition in partitions])
    at_end = 0
    while at_end < len(partitions):
        if (message := consumer.poll(30)) is None:
            raise TimeoutError("the brokers do not answer")
        if error := message.error():
            if error.code() != KafkaError._PARTITION_EOF:
                raise KafkaException(error)
            at_end += 1
            continue
        value = opened(topic, message.key(), message.value() or b"", message.headers() or [], secrets)
        print(json.dumps(value.decode(errors="replace"), ensure_ascii=False))
    consumer.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], [base64.b64decode(each) for each in sys.argv[3:]])
