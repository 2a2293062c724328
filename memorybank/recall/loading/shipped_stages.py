"""The shipped table of stages and the digest of its template; written by `write_shipped`."""

from memorybank.recall.loading.stages import Cell, Table

# ruff: noqa: E501, Q000  written by a program
# fmt: off
DIGEST = '5bc523bb1c15f6f7'
TABLE = Table(
    {
        ('understand', 'rapid'): Cell(stage='understand', mode='rapid', messages=10, cache_hours=0, deep=0, types=(), pafs='', groups=False, corrections=3),
        ('understand', 'standard'): Cell(stage='understand', mode='standard', messages=1000000, cache_hours=1, deep=5, types=(), pafs='active', groups=False, corrections=5),
        ('understand', 'rigorous'): Cell(stage='understand', mode='rigorous', messages=1000000, cache_hours=24, deep=20, types=(), pafs='all', groups=True, corrections=10),
        ('decompose', 'rapid'): Cell(stage='decompose', mode='rapid', messages=0, cache_hours=0, deep=0, types=(), pafs='', groups=False, corrections=3),
        ('decompose', 'standard'): Cell(stage='decompose', mode='standard', messages=20, cache_hours=0, deep=0, types=(), pafs='active', groups=False, corrections=5),
        ('decompose', 'rigorous'): Cell(stage='decompose', mode='rigorous', messages=20, cache_hours=0, deep=5, types=('procedural', 'code', 'learning'), pafs='active', groups=False, corrections=10),
        ('plan', 'rapid'): Cell(stage='plan', mode='rapid', messages=5, cache_hours=0, deep=0, types=(), pafs='', groups=False, corrections=3),
        ('plan', 'standard'): Cell(stage='plan', mode='standard', messages=1000000, cache_hours=1, deep=0, types=(), pafs='active', groups=False, corrections=5),
        ('plan', 'rigorous'): Cell(stage='plan', mode='rigorous', messages=1000000, cache_hours=1, deep=10, types=(), pafs='active', groups=False, corrections=10),
        ('implement', 'rapid'): Cell(stage='implement', mode='rapid', messages=1000000, cache_hours=1, deep=0, types=(), pafs='', groups=False, corrections=3),
        ('implement', 'standard'): Cell(stage='implement', mode='standard', messages=1000000, cache_hours=1, deep=5, types=(), pafs='active', groups=False, corrections=5),
        ('implement', 'rigorous'): Cell(stage='implement', mode='rigorous', messages=1000000, cache_hours=1, deep=5, types=(), pafs='active', groups=True, corrections=10),
        ('verify', 'rapid'): Cell(stage='verify', mode='rapid', messages=1000000, cache_hours=0, deep=0, types=(), pafs='', groups=False, corrections=3),
        ('verify', 'standard'): Cell(stage='verify', mode='standard', messages=10, cache_hours=0, deep=0, types=(), pafs='active', groups=False, corrections=5),
        ('verify', 'rigorous'): Cell(stage='verify', mode='rigorous', messages=10, cache_hours=0, deep=0, types=(), pafs='active', groups=False, corrections=10),
        ('review', 'rapid'): Cell(stage='review', mode='rapid', messages=0, cache_hours=0, deep=0, types=(), pafs='', groups=False, corrections=3),
        ('review', 'standard'): Cell(stage='review', mode='standard', messages=0, cache_hours=0, deep=0, types=(), pafs='', groups=False, corrections=5),
        ('review', 'rigorous'): Cell(stage='review', mode='rigorous', messages=1000000, cache_hours=0, deep=0, types=(), pafs='', groups=False, corrections=10),
    },
    {'understand': ('Current Focus', 'Blockers', 'Next Steps', 'Decisions', 'error', 'decision'), 'decompose': ('Current Focus', 'Tasks', 'Next Steps', 'Architecture Patterns', 'procedural'), 'plan': ('Current Focus', 'Next Steps', 'Decisions', 'Architecture Patterns', 'References', 'decision'), 'implement': ('Current Focus', 'Tasks', 'Code Conventions', 'Common Gotchas', 'API Patterns', 'Error Handling', 'code'), 'verify': ('Tasks', 'Verification', 'Testing Patterns', 'Common Gotchas', 'procedural'), 'review': ('Recent Changes', 'Code Conventions', 'Learnings', 'Completed', 'learning')},
    {'architecture': 'plan', 'approach': 'plan', 'plan': 'plan', 'build': 'implement', 'convention': 'implement', 'repeat': 'verify', 'review': 'review'},
    {'validate': 'verify', 'reflect': 'review', 'augster-rigorous': 'rigorous'},
)
