"""A judge for tests: says YES if most long words of the correction are in the text. It is no model."""

import re
import sys

prompt = sys.stdin.buffer.read().decode("utf-8")
_, correction, text = re.findall(r"^<(?:data|premise)-\w+>\n(.*?)\n</", prompt, re.DOTALL | re.MULTILINE)[:3]
words = [word for word in re.findall(r"[\w.%/-]{3,}", correction.lower()) if word not in {"not", "the", "use", "for"}]
found = sum(word in text.lower() for word in words)
print("YES" if words and found >= 0.7 * len(words) else "NO")
