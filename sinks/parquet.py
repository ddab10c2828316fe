"""Parquet files, a folder a topic and in it a folder a day, that DuckDB, pandas and Spark read as one table.

`DIR/<topic>/dt=<day of appending, UTC>/<topic>+<partition>+<first offset>+<last offset>.parquet`, the layout of Kafka
Connect's HDFS sink. A file comes to be by one rename, and its name says what it holds: so a crash leaves nothing out
and nothing twice. What has no file to say it, as that a partition was empty, stands in `_positions.json`.
"""

import fcntl
import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from schemas.base import Model
from sinks.base import Chunk, Origin, Row, SinkError, Table
from sinks.files import sync

GROUP_ROWS = 10_000
"""Rows in memory as columns, and in a row group."""
_NAME = re.compile(r"(?P<topic>[A-Za-z0-9._-]+)\+(?P<partition>\d+)\+(?P<first>\d+)\+(?P<last>\d+)\.parquet")
_LOCK = ".looma.lock"
_TOPIC = "_topic.json"
_POSITIONS = "_positions.json"
_SCALARS = {
    str: pa.string(),
    bytes: pa.binary(),
    bool: pa.bool_(),
    int: pa.int64(),
    float: pa.float64(),
    date: pa.date32(),
    datetime: pa.timestamp("us", "UTC"),
}
_UNDERSCORED = (
    pa.field("_event_id", pa.string()),
    pa.field("_source", pa.string()),
    pa.field("_time", pa.timestamp("us", "UTC")),
    pa.field("_cause", pa.string()),
    pa.field("_appended", pa.timestamp("ms", "UTC")),
    pa.field("_partition", pa.int32()),
    pa.field("_offset", pa.int64()),
    pa.field("_json", pa.string()),
)
"""What is known of each message beside its data: no field of a model can have such a name."""


def schema(model: type[Model]) -> pa.Schema:
    """Return a table's columns: the model's fields, with those of a record's `fields` among them, and the rest."""
    columns = []
    for name, field in model.model_fields.items():
        if name == "fields":
            columns += [pa.field(n, arrow_type(f.annotation)) for n, f in _model_of(field.annotation).items()]
        else:
            columns.append(pa.field(name, arrow_type(field.annotation)))
    return pa.schema([*columns, *_UNDERSCORED])


def arrow_type(annotation: Any) -> pa.DataType:
    """Return the column type of a pydantic field's annotation. Every column may be null."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return arrow_type(inner[0])
    if origin in (Union, UnionType):
        (only,) = [each for each in inner if each is not NoneType]
        return arrow_type(only)
    if origin is Literal:
        return pa.string()
    if origin is list:
        return pa.list_(arrow_type(inner[0]))
    if origin is dict:
        return pa.map_(pa.string(), arrow_type(inner[1]))
    if fields := getattr(annotation, "__pydantic_fields__", None):  # a model, or a dataclass of pydantic's
        return pa.struct([pa.field(n, arrow_type(f.annotation)) for n, f in fields.items()])
    return _SCALARS[annotation]


def _model_of(annotation: Any) -> Mapping[str, Any]:
    fields: Mapping[str, Any] = annotation.model_fields
    return fields


def columns_of(row: Row) -> dict[str, Any]:
    """Return a row by column."""
    data: dict[str, Any] = {"id": row.key, "deleted": True} if row.data is None else row.data.model_dump()
    fields = data.pop("fields", {})
    return {
        **data,
        **fields,
        "_event_id": row.event_id,
        "_source": row.source,
        "_time": row.time,
        "_cause": row.cause,
        "_appended": row.appended,
        "_partition": row.partition,
        "_offset": row.offset,
        "_json": row.json,
    }


class ParquetFolder:
    """A folder of exported topics. One process writes to it at a time; a context manager that holds it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._prepared: dict[str, tuple[Origin, pa.Schema]] = {}
        self._lock = -1

    def __enter__(self) -> "ParquetFolder":
        self._folder.mkdir(parents=True, exist_ok=True)
        self._lock = os.open(self._folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._lock)
            raise SinkError(f"another process writes to {self._folder}; stop it first") from None
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._lock)

    def prepare(self, table: Table, origin: Origin) -> Mapping[int, int]:
        """Get ready to take a topic; return the offset behind the last file of each partition. Raises SinkError."""
        folder = self._folder / table.name
        folder.mkdir(exist_ok=True)
        for left in folder.glob("dt=*/.*.tmp"):
            left.unlink()
        self._prepared[table.name] = origin, schema(table.model)
        is_of = origin._asdict()
        try:
            known = json.loads((folder / _TOPIC).read_text("utf-8"))
        except FileNotFoundError:
            with _written(folder / _TOPIC) as file:
                file.write(json.dumps(is_of).encode())
        except ValueError:
            raise SinkError(f"{folder / _TOPIC} is damaged; export into another folder") from None
        else:
            if known != is_of:
                raise SinkError(
                    f"{folder} holds another {table.name}: the topic was made anew, or another generation is active. "
                    "Export into another folder"
                )
        found = _noted(folder / _POSITIONS)
        for file in files(folder):
            partition = int(file["partition"])
            found[partition] = max(found.get(partition, 0), int(file["last"]) + 1)
        return found

    def note(self, table: Table, positions: Mapping[int, int]) -> None:
        """Remember how far a topic was looked at: a partition that had nothing to store has no file to say so."""
        with _written(self._folder / table.name / _POSITIONS) as file:
            file.write(json.dumps({str(partition): at for partition, at in sorted(positions.items())}).encode())

    def write(self, table: Table, chunk: Chunk) -> None:
        """Write a chunk as one file."""
        folder = self._folder / table.name / f"dt={chunk.day}"
        if not folder.exists():
            folder.mkdir()
            sync(folder.parent)
        origin, shape = self._prepared[table.name]
        name = f"{origin.topic}+{chunk.partition}+{chunk.first:010}+{chunk.last:010}.parquet"
        rows = iter(chunk.rows)
        with _written(folder / name) as file, pq.ParquetWriter(file, shape, compression="zstd") as writer:
            while group := [columns_of(row) for row in islice(rows, GROUP_ROWS)]:
                writer.write_table(pa.Table.from_pylist(group, shape))

    def about(self, table: Table, person: str) -> int:
        """Return how many rows there are of a person."""
        return sum(mask.true_count for _, mask in self._of(table, person))

    def erase(self, table: Table, person: str) -> int:
        """Rewrite the files that hold rows of a person without them; return how many rows went. Safe to repeat."""
        erased = 0
        for path, mask in self._of(table, person):
            rows = pq.read_table(path, partitioning=None)
            with _written(path) as file:
                pq.write_table(rows.filter(pc.invert(mask)), file, compression="zstd")
            erased += mask.true_count
        return erased

    def _of(self, table: Table, person: str) -> Iterator[tuple[Path, Any]]:
        """Yield each file that holds rows of a person, and which of its rows those are."""
        if table.person is None:
            return
        for file in files(self._folder / table.name):
            path = Path(file.string)
            column = pq.read_table(path, columns=[table.person], partitioning=None)[table.person].combine_chunks()
            if pa.types.is_list(column.type):
                mask = pa.array([person in (people or ()) for people in column.to_pylist()])
            else:
                mask = pc.fill_null(pc.equal(column, person), False)
            if mask.true_count:
                yield path, mask


def _noted(path: Path) -> dict[int, int]:
    """Return the noted offsets. Raises SinkError."""
    try:
        return {int(partition): int(at) for partition, at in json.loads(path.read_text("utf-8")).items()}
    except FileNotFoundError:
        return {}
    except (ValueError, TypeError, AttributeError):
        raise SinkError(f"{path} is damaged; without it, files alone say how far it is") from None


def files(folder: Path) -> Iterator[re.Match[str]]:
    """Yield the path of each file of a table, matched: topic, partition, first, last."""
    for path in sorted(folder.glob("dt=*/*.parquet")):
        if match := re.fullmatch(rf".*/{_NAME.pattern}", str(path)):
            yield match


@contextmanager
def _written(path: Path) -> Iterator[Any]:
    """Open a file that appears under its name when the block ends, whole and durable, or not at all."""
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        with temporary.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        sync(path.parent)
    except OSError as error:
        error.filename = error.filename or str(path)
        raise
    finally:
        temporary.unlink(missing_ok=True)
