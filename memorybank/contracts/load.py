"""Load contracts from templates: the bank's own templates first, then the shipped ones.

Parsing a template's YAML takes longer than the rest of a small command. So the shipped contracts are also stored as
Python values in `_generated.py`, by the digest of their template. Any other template is parsed.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import memorybank
from memorybank.document.source import Source, digest_of
from memorybank.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

    from memorybank.contracts.contract import Contract

FILES = ("activeContext.md", "patterns.md", "progress.md")


def template_bytes(name: str, own: Path | None = None) -> bytes:
    """Return the bytes of a template such as `contracts/patterns.md`; a file of that name in `own` comes first.

    Works from a wheel, an editable install and a zip file: the loader that found the package reads it.

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
    raise ConfigError(path=name, why="no such template", hint="install memorybank again")


def load_contract(file: str, own: Path | None = None) -> Contract | None:
    """Return the contract of a file by its name, or None if it has none.

    Raises:
        ConfigError: the bank's own template is invalid.
    """
    if file not in FILES and (own is None or not (own / "contracts" / file).is_file()):
        return None
    data = template_bytes(f"contracts/{file}", own)
    from memorybank.contracts._generated import SHIPPED

    return SHIPPED.get(digest_of(data)) or parse_template(data, f"templates/contracts/{file}")


def parse_template(data: bytes, path: str) -> Contract:
    """Parse a template's bytes and return the contract.

    Raises:
        ConfigError: the template is invalid.
    """
    from memorybank.contracts.contract import contract_from_fields
    from memorybank.document.frontmatter import find_block, read_fields
    from memorybank.document.sections import key_of, outline

    source = Source(data)
    document = outline(source, path, contract=True)
    headings = {
        key_of(section.name): _heading(document.source, section.start, section.body)
        for section in document.sections[1:]
    }
    block = find_block(source.shadow)
    if block is None:
        raise ConfigError(path=path, why="it has no front matter with a contract")
    return contract_from_fields(read_fields(source, path), source.text[block.end :], headings, path)


def _heading(source: Source, start: int, end: int) -> str:
    return source.text[start:end].strip().lstrip("#").strip()
