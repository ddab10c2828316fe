"""What of personal data is hidden from who lacks the scope `pii:read`. Which fields those are, the schemas say.

Values that a schema does not foresee are hidden, too: what nobody knows may be anything.
"""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from typing import Any, get_args

from pydantic import BaseModel

from processors.chat.placeholders import personal_spans
from processors.resume.name_parts import COMPOUND
from schemas.base import Mask
from schemas.entities import MODELS, PERSONAL, Entity
from schemas.problems import names
from schemas.topics import EVENTS, RECORDS, TOPIC

HIDDEN = "***"
_PARTS = re.compile(r"[\u3400-\u9fff]+|[^\W\d_\u3400-\u9fff]+")
_MOST_INITIALS = 3
_SUSPECT = re.compile(
    r"[@＠]|\d(?:[ ()（）./·-]{0,2}\d){4}|://|www\.|\.(?:com|net|org|io|cn)\b|微信|wechat|weixin|\bvx|qq|telegram"
    r"|whatsapp|skype|line id|我叫|姓名|名字|我是|本人|这里是|\bname|\bcall me|\bI am\b|\bI['’]m\b|\bthis is\b",
    re.IGNORECASE,
)
"""Without any of these a text holds nothing that `personal_spans` would find by itself."""

Masks = Mapping[str, "Mask | Masks | None"]


def mask_record(entity: Entity, document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record, a golden record or a conflict notice with what is personal of its `fields` hidden."""
    fields = document.get("fields")
    if not isinstance(fields, Mapping):
        return dict(document)
    return {**document, "fields": mask_fields(entity, fields)}


def mask_fields(entity: Entity, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return an entity's fields with what is personal hidden: names shortened, contacts away, texts without both."""
    if entity not in PERSONAL:
        return dict(fields)
    known = known_values(fields)
    return {name: _masked(value, _tree(MODELS[entity]).get(name, "hidden"), known) for name, value in fields.items()}


def mask_value(entity: Entity, field: str, value: Any, known: Collection[str] = ()) -> Any:
    """Return one field's value as `mask_fields` shows it, for instance a source's side of a conflict."""
    if entity not in PERSONAL:
        return value
    return _masked(value, _tree(MODELS[entity]).get(field, "hidden"), known)


def mask_text(text: str, known: Collection[str] = ()) -> str:
    """Return a text, as a reason or a passage that a search shows, without contacts, accounts and `known` names."""
    if not _SUSPECT.search(text) and not any(value.casefold() in text.casefold() for value in known):
        return text
    parts, end = [], 0
    for start, stop, _ in personal_spans(text, dict.fromkeys(known, "NAME")):
        parts += [text[end:start], HIDDEN]
        end = stop
    return "".join([*parts, text[end:]])


def mask_match(match: Mapping[str, Any], known: Collection[str] = ()) -> dict[str, Any]:
    """Return a match whose reasons name no contacts and nobody of `known`."""
    features = [{**feature, "reason": mask_text(feature["reason"], known)} for feature in match.get("features", ())]
    return {**match, "features": features}


def mask_message(topic: str, value: bytes | None) -> bytes | None:
    """Return a message's value, for instance a dead letter's, as far as it can be told what it says.

    Of a person's event the structure is left and what its schema has of it; of other topics that may name a person
    nothing. `topic` is the name in the base generation; of unknown ones nothing is shown.
    """
    if value is None or (topic in TOPIC and not TOPIC[topic].is_personal):
        return value
    entity = next((e for e in PERSONAL if topic in (EVENTS[e], RECORDS[e])), None)
    try:
        body = json.loads(value) if entity else None
    except (ValueError, RecursionError):
        body = None
    if entity is None or not isinstance(body, dict):
        return HIDDEN.encode()
    if topic == RECORDS[entity]:
        fields = body.get("fields")
        shown = {n: v for n, v in body.items() if n in ("entity", "id", "revision", "deleted") and _is_plain(v)}
        body = {**shown, "fields": fields if isinstance(fields, dict) else {}}
        body["fields"] = _faulty(entity, body["fields"])
    else:
        body = _faulty(entity, body)
    return json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")


def known_values(fields: Mapping[str, Any]) -> frozenset[str]:
    """Return the name and the contacts that a person's fields have, which her texts may repeat."""
    given = _texts([fields.get(name) for name in ("name", "emails", "phones")])
    return frozenset(v.strip() for v in given if len(v.strip()) > 1)


def short_name(name: str) -> str:
    """Return a name's initials, of a Chinese name the surname: `J. D.`, `张**`."""
    parts: list[str] = _PARTS.findall(name)
    if han := next((part for part in parts if "\u3400" <= part[0] <= "\u9fff"), None):
        return han[: 2 if len(han) > 2 and han[:2] in COMPOUND else 1] + "**"
    return " ".join(f"{part[0].upper()}." for part in parts[:_MOST_INITIALS]) or HIDDEN


def _faulty(entity: Entity, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Mask what may hold anything anywhere: texts are hidden whole, and so is each name that no schema has."""
    known, tree = known_values(fields), _tree(MODELS[entity])
    shown = {}
    for number, (name, value) in enumerate(fields.items()):
        mask = tree.get(name, "hidden")
        value = HIDDEN if mask == "text" else _masked(value, mask, known)
        shown[name if name in tree else f"{HIDDEN}{number}"] = _strict(value, known, names(MODELS[entity]))
    return shown


def _strict(value: Any, known: Collection[str], keys: Collection[str]) -> Any:
    if isinstance(value, str):
        return mask_text(value, known)
    if isinstance(value, dict):
        return {name if name in keys else HIDDEN: _strict(each, known, keys) for name, each in value.items()}
    return [_strict(each, known, keys) for each in value] if isinstance(value, list) else value


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _texts(each)


def _masked(value: Any, mask: "Mask | Masks | None", known: Collection[str]) -> Any:
    if value is None or mask is None:
        return value
    if isinstance(value, list):
        return [_masked(each, mask, known) for each in value]
    if isinstance(mask, Mapping):
        if not isinstance(value, Mapping):
            return HIDDEN
        return {n if n in mask else HIDDEN: _masked(each, mask.get(n, "hidden"), known) for n, each in value.items()}
    if mask == "hidden" or not isinstance(value, str):
        return HIDDEN
    return short_name(value) if mask == "name" else mask_text(value, known)


def masks(entity: Entity) -> Masks:
    """Return what is masked of an entity's fields, those of models within it as a mapping of their own."""
    return _tree(MODELS[entity]) if entity in PERSONAL else {}


@cache
def _tree(model: type[BaseModel]) -> Masks:
    """Return each field's mask, that of a model within it as a tree of its own; None shows it."""
    return {name: _mask_of(field.json_schema_extra, field.annotation) for name, field in model.model_fields.items()}


def _mask_of(extra: Any, annotation: Any) -> "Mask | Masks | None":
    if isinstance(extra, dict) and extra.get("personal"):
        mask: Mask = extra["mask"]
        return mask
    inner = _model_in(annotation)
    if inner is None:
        return None
    tree = _tree(inner)
    return tree if any(tree.values()) else None


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part))), None)


def _is_plain(value: Any) -> bool:
    return isinstance(value, int) or (isinstance(value, str) and re.fullmatch(r"[\w.:-]{1,128}", value) is not None)
