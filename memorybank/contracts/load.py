"""Reading contracts from templates: a bank's own ones first, then those that are shipped.

Parsing a template's YAML costs more than the rest of a small command, so the shipped contracts are also kept as
Python values in `_generated.py`, by the digest of their template: any other template is parsed.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import memorybank
from memorybank.contracts.contract import Contract, contract_from_fields
from memorybank.document.source import Source, digest_of
from memorybank.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

FILES = ("activeContext.md", "patterns.md", "progress.md")


def template_bytes(name: str, own: Path | None = None) -> bytes:
    """Give a template's bytes, `contracts/patterns.md` for one; a file of that name below `own` comes first.

    Works from a wheel, an editable install and a zip file alike: the loader that found the package reads it.

    Raises:
        ConfigError: there is no such template.
    """
    if own is not None:
        path = own / name
        if path.is_file():
            return path.read_bytes()
    package = os.path.dirname(os.path.abspath(memorybank.__file__))  # noqa: PTH100, PTH120  pathlib cannot name a place in a zip
    loader = memorybank.__spec__.loader if memorybank.__spec__ else None
    for folder in (os.path.join(package, "templates"), os.path.join(os.path.dirname(package), "templates")):  # noqa: PTH118, PTH120
        try:
            return bytes(loader.get_data(os.path.join(folder, *name.split("/"))))  # type: ignore[union-attr]  # noqa: PTH118
        except OSError:
            continue
    raise ConfigError(path=name, why="there is no such template", hint="install memorybank again")


def load_contract(file: str, own: Path | None = None) -> Contract | None:
    """Give the contract of a file by its name, or None when it has none.

    Raises:
        ConfigError: the bank's own template cannot be understood.
    """
    if file not in FILES and (own is None or not (own / "contracts" / file).is_file()):
        return None
    data = template_bytes(f"contracts/{file}", own)
    from memorybank.contracts._generated import SHIPPED

    return SHIPPED.get(digest_of(data)) or parse_template(data, f"templates/contracts/{file}")


def parse_template(data: bytes, path: str) -> Contract:
    """Make a contract from a template's bytes.

    Raises:
        ConfigError: it cannot be understood.
    """
    from memorybank.document.frontmatter import find_block, read_fields
    from memorybank.document.sections import key_of, outline

    source = Source(data)
    document = outline(source, path, contract=True)
    headings = {key_of(each.name): _heading(document.source, each.start, each.body) for each in document.sections[1:]}
    block = find_block(source.shadow)
    if block is None:
        raise ConfigError(path=path, why="it has no front matter that declares a contract")
    return contract_from_fields(read_fields(source, path), source.text[block.end :], headings, path)


def _heading(source: Source, start: int, end: int) -> str:
    return source.text[start:end].strip().lstrip("#").strip()
