"""MongoDB: personal data of records encrypted at rest, by a key for each person (client-side field level encryption).

The driver decrypts whatever it reads, so that readers know nothing of this; what writes records seals them here. A
person's key lies in `<database>-keys`, encrypted by the key of the settings, and is destroyed when she is forgotten.
"""

import asyncio
import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from bson.codec_options import CodecOptions
from pydantic import SecretStr
from pymongo import ASCENDING, AsyncMongoClient
from pymongo.errors import DuplicateKeyError, EncryptionError

from schemas.entities import MODELS, SPEC, Entity
from schemas.errors import LoomaError
from schemas.exits import Exit

if TYPE_CHECKING:
    from pymongo.encryption_options import AutoEncryptionOpts

VAULT = "field_keys"
"""The collection of data keys, in the database of keys."""
_ALGORITHM = "AEAD_AES_256_CBC_HMAC_SHA_512-Random"
KEY_BYTES = 96
KEY_CACHE_MS = 600_000
"""How long a process keeps a person's key; one that was destroyed opens nothing that is not deleted by then."""
Document = dict[str, Any]
Client = AsyncMongoClient[Document]


class EncryptionKeyError(LoomaError):
    """The key of the settings cannot encrypt; the text does not repeat it."""

    code = "encryption_key"
    exit_status = Exit.USAGE


def personal_fields(entity: Entity) -> frozenset[str]:
    """Return the fields of an entity's records that the schema marks as personal data of the record's person."""
    if SPEC[entity].person != "id":
        return frozenset()
    known = MODELS[entity].model_fields.items()
    return frozenset(
        n for n, f in known if isinstance(f.json_schema_extra, dict) and f.json_schema_extra.get("personal")
    )


def namespace(database: str) -> str:
    """Return where a database's data keys are."""
    return f"{database}-keys.{VAULT}"


def master_key(secret: SecretStr) -> bytes:
    """Return the key that encrypts persons' keys. Raises EncryptionKeyError."""
    try:
        key = base64.b64decode(secret.get_secret_value(), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise EncryptionKeyError(f"mongodb.encryption_key: write base64 of {KEY_BYTES} random bytes")
    return key


def decrypting(database: str, key: bytes) -> "AutoEncryptionOpts":
    """Return the driver's options by which it decrypts what it reads."""
    from pymongo.encryption_options import AutoEncryptionOpts

    return AutoEncryptionOpts(
        {"local": {"key": key}},
        namespace(database),
        bypass_auto_encryption=True,
        bypass_query_analysis=True,
        key_expiration_ms=KEY_CACHE_MS,
    )


class Sealer:
    """Encrypts personal values of documents, each by its person's key."""

    def __init__(self, database: str, key: bytes, client: Client) -> None:
        from pymongo.asynchronous.encryption import AsyncClientEncryption

        self._vault = client[f"{database}-keys"][VAULT]
        self._encryption: AsyncClientEncryption[Document] = AsyncClientEncryption(
            {"local": {"key": key}}, namespace(database), client, CodecOptions(), key_expiration_ms=KEY_CACHE_MS
        )

    async def sealed(self, entity: Entity, documents: Sequence[Document]) -> list[Document]:
        """Return documents of records or golden records with their personal values encrypted."""
        names = personal_fields(entity)
        if not names or not documents:
            return list(documents)
        keys = await self._keys(sorted({document["_id"] for document in documents}))
        return list(
            await asyncio.gather(*(self._seal(document, names, keys[document["_id"]]) for document in documents))
        )

    async def _seal(self, document: Document, names: frozenset[str], key: Any) -> Document:
        async def encrypted(value: Any) -> Any:
            if value is None:
                return None
            return await self._encryption.encrypt(value, _ALGORITHM, key_id=key)

        sealed = dict(document)
        sealed["fields"] = {n: await encrypted(v) if n in names else v for n, v in document["fields"].items()}
        for part, hidden in (("contributions", ("value",)), ("conflicts", ("candidates", "chosen", "value"))):
            if part in document:
                sealed[part] = [
                    {n: await encrypted(v) if n in hidden else v for n, v in each.items()}
                    if each["field"] in names
                    else each
                    for each in document[part]
                ]
        return sealed

    async def _keys(self, people: Sequence[str]) -> Mapping[str, Any]:
        """Return the id of each person's data key; who has none gets one."""
        found = await self._stored(people)
        missing = [person for person in people if person not in found]
        if missing:
            await self._vault.create_index([("keyAltNames", ASCENDING)], unique=True, name="person")
            await asyncio.gather(*(self._make(person) for person in missing))
            found |= await self._stored(missing)
        return found

    async def _stored(self, people: Sequence[str]) -> dict[str, Any]:
        query = {"keyAltNames": {"$in": list(people)}}
        return {d["keyAltNames"][0]: d["_id"] async for d in self._vault.find(query, {"keyAltNames": 1})}

    async def _make(self, person: str) -> None:
        try:
            await self._encryption.create_data_key("local", key_alt_names=[person])
        except EncryptionError as error:
            if not isinstance(error.cause, DuplicateKeyError):  # else another worker was faster
                raise


class SealingClient(AsyncMongoClient[Document]):
    """A client that decrypts what it reads, with what encrypts what it is to write."""

    def __init__(self, url: str, database: str, secret: SecretStr, **options: Any) -> None:
        key = master_key(secret)
        super().__init__(url, auto_encryption_opts=decrypting(database, key), **options)
        self.sealer = Sealer(database, key, self)


async def sealed(client: Client, entity: Entity, documents: Sequence[Document]) -> list[Document]:
    """Return documents as a client stores them: encrypted, if its settings have a key."""
    return await client.sealer.sealed(entity, documents) if isinstance(client, SealingClient) else list(documents)
