"""How far the estimate of tokens is from what real tokenizers count (extra `dev`: bpe-openai, which works offline).

    python -m tests.benchmarks.tokens [FILE…]

Without files, over the samples below and this project's own pages and source.
"""

# ruff: noqa: RUF001  texts in other scripts

from __future__ import annotations

import base64
import sys
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from memorybank.recall.loading.budget import count_tokens

ROOT = Path(__file__).resolve().parents[2]
ENCODINGS = ("cl100k_base", "o200k_base")
_chance = Random(5)

TEXTS = {
    "German, French, Polish": (
        "Die Größenbeschränkung des Datenbankverbindungspools überschreitet die Höchstgrenze; Änderungen prüfen.\n"
        "L'équipe a décidé d'utiliser des jetons à durée de vie courte, parce que les sessions ne suffisent pas.\n"
        "Zespół zdecydował, że żetony będą krótkie; próby łączenia z bazą są powtarzane trzy razy.\n"
    ),
    "Russian": (
        "Проект хранит память в простых файлах. Решение: токены с коротким сроком жизни, сессии не подходят.\n"
    ),
    "Greek": "Η μνήμη του έργου είναι απλά αρχεία κειμένου. Η απόφαση: κλειδιά με μικρή διάρκεια ζωής.\n",
    "Arabic, Hebrew": (
        "هذا المشروع يحفظ الذاكرة في ملفات نصية بسيطة. القرار: استخدام رموز قصيرة العمر.\n"
        "הפרויקט שומר את הזיכרון בקבצים פשוטים. ההחלטה: אסימונים קצרי חיים.\n"
    ),
    "Chinese, Japanese, Korean": (
        "项目的记忆保存在简单的文本文件中。决定：使用短期令牌，因为会话无法扩展。\n"
        "プロジェクトの記憶は単純なテキストに保存されます。決定：短命のトークンを使う。\n"
        "프로젝트의 기억은 단순한 텍스트 파일에 저장됩니다. 결정: 수명이 짧은 토큰을 사용한다.\n"
    ),
    "Hindi, Thai": "यह परियोजना साधारण फाइलों में स्मृति रखती है। निर्णय: छोटे टोकन।\nโครงการนี้เก็บความจำไว้ในไฟล์ธรรมดา\n",
    "emoji": "🚀 shipped ✅ 🔥 👩‍💻 done 🇩🇪 🎉\n",
    "hashes, base64": "".join(
        f"{_chance.randbytes(20).hex()} {base64.b64encode(_chance.randbytes(60)).decode()}\n" for _ in range(20)
    ),
    "names, numbers": (
        "ERROR_CODE MAX_RETRIES HTTPSConnectionPool getUserPreferencesById src/auth/token_service.py:142 DEC-0054\n"
        "2026-11-21T09:22:44Z exit 0 (128/128) 10.0.0.1:8080 --no-verify v1.24.3 sha256 4096 0.8125\n"
    ),
    "tables, rules": (
        "| a | b |\n| --- | --- |\n| `x` | **y** |\n\n---\n\n- [ ] one\n- [x] two\n\n```\nx = {'a': [1, 2]}\n```\n"
    ),
}
FILES = {
    "this project's pages": ("*.md", "docs/*.md", "templates/*/*.md"),
    "this project's source": ("memorybank/*/*.py",),
}
SAMPLES = (*FILES, *TEXTS)


class Row(NamedTuple):
    """The estimate over a tokenizer's count, and the share of texts that it takes for shorter than they are."""

    kind: str
    characters: int
    tokens: int
    ratio: float
    under: float


@cache
def encoding(name: str) -> Any:
    import bpe_openai

    return bpe_openai.get_encoding(name)


def measure(kind: str, name: str, files: tuple[Path, ...] = ()) -> Row:
    texts = texts_of(kind, files)
    real = [len(encoding(name).encode(text, disallowed_special=())) for text in texts]
    found = [count_tokens(text) for text in texts]
    under = sum(one < other for one, other in zip(found, real, strict=True))
    return Row(kind, sum(map(len, texts)), sum(real), sum(found) / max(sum(real), 1), under / len(texts))


def texts_of(kind: str, files: tuple[Path, ...]) -> list[str]:
    if kind in TEXTS:
        return [TEXTS[kind]]
    paths = files or tuple(path for pattern in FILES[kind] for path in sorted(ROOT.glob(pattern)))
    return [text for path in paths if (text := path.read_text("utf-8", "replace"))]


def main() -> int:
    """Print how far off the estimate is."""
    files = tuple(Path(each) for each in sys.argv[1:])
    print("| text | characters | " + " | ".join(f"tokens ({name}) | estimate / real" for name in ENCODINGS) + " |")
    print("| --- | --- | " + " | ".join("--- | ---" for _ in ENCODINGS) + " |")
    for kind in ("files",) if files else SAMPLES:
        rows = [measure(kind, name, files) for name in ENCODINGS]
        cells = " | ".join(f"{row.tokens} | {row.ratio:.2f}" for row in rows)
        print(f"| {kind} | {rows[0].characters} | {cells} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
