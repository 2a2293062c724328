"""A judge for tests, of another construction: compares groups of four letters, wherever they stand. It is no model."""

import sys


def groups(text: str) -> set[str]:
    letters = "".join(character for character in text.lower() if character.isalnum())
    return {letters[at : at + 4] for at in range(len(letters) - 3)}


prompt = sys.stdin.buffer.read().decode("utf-8")
parts = prompt.split("What the user said then:\n")[1].split("</data-")
correction, text = (part.split(">\n", 1)[1] for part in parts[:2])
wanted = groups(correction)
share = len(wanted & groups(text)) / max(len(wanted), 1)
print(f"{share:.2f} of the letters")
print("YES, it is there" if share > 0.75 else "NO")
