"""Print the schemas of all answers, after a change of a type or a name.

python -m memorybank.facade.schemas > memorybank/facade/schemas/answers.schema.json
"""

from __future__ import annotations

import sys

from memorybank.facade.schemas.derive import render

if __name__ == "__main__":
    sys.stdout.write(render())
