"""The OpenAPI document as one page of HTML: no script and no file from elsewhere, so it may be served anywhere."""

import json
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b;background:#fff}
h2{margin-top:2.5rem;border-bottom:1px solid #ccc}summary{cursor:pointer;padding:.3rem 0}
code,pre{font-family:ui-monospace,monospace;font-size:.9em}pre{background:#f4f4f4;padding:.7rem;overflow:auto}
table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;padding:.2rem .6rem .2rem 0}
.method{display:inline-block;min-width:4.5rem;font-weight:600}
@media(prefers-color-scheme:dark){body{color:#e6e6e6;background:#161616}pre{background:#222}a{color:#8ab4f8}}
"""
POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'"
"""What the page may load: nothing."""


def page(document: Mapping[str, Any]) -> str:
    """Return the page."""
    info = document["info"]
    by_tag: dict[str, list[str]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            by_tag.setdefault((operation.get("tags") or ["other"])[0], []).extend(_operation(path, method, operation))
    body = [f"<h1>{escape(info['title'])}</h1>", _prose(info.get("description", ""))]
    body.append('<p><a href="openapi.json">openapi.json</a> is for generators of clients.</p>')
    for tag, lines in by_tag.items():
        body += [f'<h2 id="{escape(tag)}">{escape(tag)}</h2>', *lines]
    body.append('<h2 id="schemas">Schemas</h2>')
    for name, schema in sorted(document.get("components", {}).get("schemas", {}).items()):
        body += [
            f'<details id="schema-{escape(name)}"><summary><code>{escape(name)}</code></summary>',
            _prose(schema.get("description", "")),
            *_schema(schema),
            "</details>",
        ]
    title = f"<title>{escape(info['title'])}</title>"
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width">{title}<style>{_STYLE}</style>'
    return f'<!doctype html><html lang="en"><head>{head}</head><body>' + "\n".join(body) + "</body></html>\n"


def _operation(path: str, method: str, operation: Mapping[str, Any]) -> Iterator[str]:
    yield f'<details id="{escape(operation.get("operationId", path))}"><summary>'
    yield f'<code><span class="method">{method.upper()}</span> {escape(path)}</code>'
    yield f" {escape(operation.get('summary', ''))}</summary>"
    yield _prose(operation.get("description", ""))
    if parameters := operation.get("parameters"):
        yield "<table><tr><th>parameter</th><th>in</th><th>type</th><th></th></tr>"
        for each in parameters:
            need = " (required)" if each.get("required") else ""
            yield _row(f"<code>{escape(each['name'])}</code>{need}", each["in"], _type(each.get("schema", {})), each)
        yield "</table>"
    for kind, content in operation.get("requestBody", {}).get("content", {}).items():
        yield f"<p>Body <code>{escape(kind)}</code>: {_type(content.get('schema', {}))}</p>"
        if "example" in content:
            yield f"<pre>{escape(json.dumps(content['example'], ensure_ascii=False, indent=2))}</pre>"
    yield "<table><tr><th>answer</th><th>type</th><th></th></tr>"
    for status, answer in operation.get("responses", {}).items():
        kinds = ", ".join(_type(content.get("schema", {})) for content in answer.get("content", {}).values())
        yield f"<tr><td>{escape(str(status))}</td><td>{kinds}</td><td>{escape(answer.get('description', ''))}</td></tr>"
    yield "</table></details>"


def _schema(schema: Mapping[str, Any]) -> Iterator[str]:
    if not schema.get("properties"):
        yield f"<p>{_type(schema)}</p>"
        return
    yield "<table><tr><th>field</th><th>type</th><th></th></tr>"
    for name, each in schema["properties"].items():
        need = " (required)" if name in schema.get("required", ()) else ""
        yield f"<tr><td><code>{escape(name)}</code>{need}</td><td>{_type(each)}</td><td>{_said(each)}</td></tr>"
    yield "</table>"


def _row(name: str, place: str, kind: str, each: Mapping[str, Any]) -> str:
    return f"<tr><td>{name}</td><td>{escape(place)}</td><td>{kind}</td><td>{_said(each)}</td></tr>"


def _said(each: Mapping[str, Any]) -> str:
    return escape(each.get("description", ""))


def _type(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        return f'<a href="#schema-{name}">{name}</a>'
    for several in ("anyOf", "oneOf", "allOf"):
        if several in schema:
            return " or ".join(_type(each) for each in schema[several] if each.get("type") != "null")
    if "enum" in schema or "const" in schema:
        return " or ".join(f"<code>{escape(str(each))}</code>" for each in schema.get("enum", [schema.get("const")]))
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    return escape(str(schema.get("type", "any")))


def _prose(text: str) -> str:
    return "".join(f"<p>{escape(part)}</p>" for part in text.split("\n\n") if part.strip())
