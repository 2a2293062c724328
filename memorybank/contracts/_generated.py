"""The shipped contracts by the digest of their template; written by `memorybank.contracts._generate`."""

from memorybank.contracts.contract import Contract, SectionSpec

# fmt: off
SHIPPED: dict[str, Contract] = {
    '71e51da01246db56': Contract(
        name='activeContext',
        version=1,
        file='activeContext.md',
        title='Active Context',
        fallback='Last Updated',
        sections=(
            SectionSpec(
                name='Current Focus',
                kind='value',
                heading='Current Focus',
                placeholders=('[None]', '[Active work]'),
            ),
            SectionSpec(
                name='Recent Changes',
                kind='snapshot',
                heading='Recent Changes <!-- SNAPSHOT: replaced at workflow end -->',
                guaranteed=True,
                dated=True,
                notes=('change',),
                placeholders=('[None]', '[Change] - [file:line]', '[DEBUG-N]: {what was tried} → {result} <!-- Use for debug workflow -->'),
            ),
            SectionSpec(
                name='Next Steps',
                kind='append',
                heading='Next Steps',
                notes=('next',),
                placeholders=('[None]', '[Step]'),
            ),
            SectionSpec(
                name='Decisions',
                kind='append',
                heading='Decisions',
                notes=('decision',),
                placeholders=('[None]', '[Decision]: [Choice] - [Why]'),
                aliases=('Key Decisions', 'Decisions Made'),
                merges=('Active Decisions',),
            ),
            SectionSpec(
                name='Learnings',
                kind='append',
                heading='Learnings',
                guaranteed=True,
                cap=20,
                notes=('learning',),
                placeholders=('[None]', '[Insight]'),
                merges=('Learnings This Session', 'User Preferences Discovered'),
            ),
            SectionSpec(
                name='References',
                kind='append',
                heading='References',
                guaranteed=True,
                notes=('reference',),
                placeholders=('[None]', 'Plan: `docs/plans/...` (or N/A)', 'Design: `docs/plans/...` (or N/A)', 'Research: `docs/research/...` → [insight]', '[cc10x-internal] memory_task_id: [task id] wf:[workflow id] <!-- transient only; Memory Update removes this line -->'),
                merges=('Plan Reference', 'Design Reference', 'Research References', 'Plan/Design/Research References'),
            ),
            SectionSpec(
                name='Blockers',
                kind='append',
                heading='Blockers',
                notes=('blocker',),
                placeholders=('[None]',),
                aliases=('Blocker',),
            ),
            SectionSpec(
                name='Session Settings',
                kind='append',
                heading='Session Settings',
                optional=True,
                placeholders=('[None]',),
                defaults=('AUTO_PROCEED: false',),
            ),
            SectionSpec(
                name='Last Updated',
                kind='stamp',
                heading='Last Updated',
                guaranteed=True,
                placeholders=('[None]', '[timestamp]'),
            ),
        ),
        body=(
            '# Active Context\n'
            '\n'
            '<!-- The headings are anchors: write below them, keep their names and order. -->\n'
            '\n'
            '## Current Focus\n'
            '\n'
            '[Active work]\n'
            '\n'
            '## Recent Changes <!-- SNAPSHOT: replaced at workflow end -->\n'
            '\n'
            '- [None]\n'
            '\n'
            '## Next Steps\n'
            '\n'
            '1. [Step]\n'
            '\n'
            '## Decisions\n'
            '\n'
            '- [None]\n'
            '\n'
            '## Learnings\n'
            '\n'
            '- [None]\n'
            '\n'
            '## References\n'
            '\n'
            '- [None]\n'
            '\n'
            '## Blockers\n'
            '\n'
            '- [None]\n'
            '\n'
            '## Session Settings\n'
            '\n'
            '- AUTO_PROCEED: false\n'
            '\n'
            '## Last Updated\n'
            '\n'
            '[timestamp]\n'
        ),
    ),
    '006e0af72d874cec': Contract(
        name='patterns',
        version=1,
        file='patterns.md',
        title='Project Patterns',
        fallback='Last Updated',
        sections=(
            SectionSpec(
                name='User Standards',
                kind='append',
                heading='User Standards',
                notes=('standard',),
                placeholders=('[None]', '[Your non-negotiable coding principles — agents MUST follow these on every workflow]'),
            ),
            SectionSpec(
                name='Architecture Patterns',
                kind='append',
                heading='Architecture Patterns',
                optional=True,
                notes=('pattern',),
                placeholders=('[None]', '[Pattern]: [How this project implements it]'),
            ),
            SectionSpec(
                name='Code Conventions',
                kind='append',
                heading='Code Conventions',
                optional=True,
                notes=('convention',),
                placeholders=('[None]', '[Convention]: [Example]'),
            ),
            SectionSpec(
                name='File Structure',
                kind='append',
                heading='File Structure',
                optional=True,
                notes=('structure',),
                placeholders=('[None]', '[File type]: [Where it goes, naming convention]'),
            ),
            SectionSpec(
                name='Testing Patterns',
                kind='append',
                heading='Testing Patterns',
                optional=True,
                notes=('testing',),
                placeholders=('[None]', '[Test type]: [How to write, where to put]'),
            ),
            SectionSpec(
                name='Common Gotchas',
                kind='append',
                heading='Common Gotchas',
                guaranteed=True,
                notes=('gotcha',),
                placeholders=('[None]', '[Gotcha]: [How to avoid / solution]', '[Gotcha from research]: [Solution] (Source: docs/research/YYYY-MM-DD-topic.md)'),
                aliases=('Gotchas',),
            ),
            SectionSpec(
                name='API Patterns',
                kind='append',
                heading='API Patterns',
                optional=True,
                notes=('api',),
                placeholders=('[None]', '[Endpoint pattern]: [Convention used]'),
            ),
            SectionSpec(
                name='Error Handling',
                kind='append',
                heading='Error Handling',
                optional=True,
                notes=('error',),
                placeholders=('[None]', '[Error type]: [How project handles it]'),
            ),
            SectionSpec(
                name='Dependencies',
                kind='append',
                heading='Dependencies',
                optional=True,
                notes=('dependency',),
                placeholders=('[None]', '[Dependency]: [Why used, how configured]'),
            ),
            SectionSpec(
                name='Project SKILL_HINTS',
                kind='append',
                heading='Project SKILL_HINTS',
                guaranteed=True,
                notes=('skill',),
                placeholders=('[None]', '[cc10x:skill-name] <!-- auto-populated: detected [tech signal] -->'),
            ),
            SectionSpec(
                name='Last Updated',
                kind='stamp',
                heading='Last Updated',
                guaranteed=True,
                optional=True,
                placeholders=('[None]', '[timestamp]'),
            ),
        ),
        body=(
            '# Project Patterns\n'
            '\n'
            '<!-- The headings are anchors: write below them, keep their names and order. -->\n'
            '\n'
            '## User Standards\n'
            '\n'
            '- [None]\n'
            '\n'
            '## Architecture Patterns\n'
            '\n'
            '- [None]\n'
            '\n'
            '## Code Conventions\n'
            '\n'
            '- [None]\n'
            '\n'
            '## File Structure\n'
            '\n'
            '- [None]\n'
            '\n'
            '## Testing Patterns\n'
            '\n'
            '- [None]\n'
            '\n'
            '## Common Gotchas\n'
            '\n'
            '- [None]\n'
            '\n'
            '## API Patterns\n'
            '\n'
            '- [None]\n'
            '\n'
            '## Error Handling\n'
            '\n'
            '- [None]\n'
            '\n'
            '## Dependencies\n'
            '\n'
            '- [None]\n'
            '\n'
            '## Project SKILL_HINTS\n'
            '\n'
            '- [None]\n'
            '\n'
            '## Last Updated\n'
            '\n'
            '[timestamp]\n'
        ),
    ),
    '16e9d44caf20e5d4': Contract(
        name='progress',
        version=1,
        file='progress.md',
        title='Progress Tracking',
        fallback='Last Updated',
        sections=(
            SectionSpec(
                name='Current Workflow',
                kind='value',
                heading='Current Workflow',
                placeholders=('[None]', '[PLAN | BUILD | REVIEW | DEBUG]'),
            ),
            SectionSpec(
                name='Tasks',
                kind='snapshot',
                heading='Tasks <!-- SNAPSHOT: replaced at workflow end -->',
                tasks=True,
                notes=('task',),
                placeholders=('[None]', 'Task 1', 'Task 2 - evidence'),
                merges=('Active Workflow Tasks', 'In Progress', 'Remaining'),
            ),
            SectionSpec(
                name='Completed',
                kind='append',
                heading='Completed',
                guaranteed=True,
                tasks=True,
                cap=10,
                notes=('done',),
                placeholders=('[None]', 'Item - evidence'),
            ),
            SectionSpec(
                name='Verification',
                kind='append',
                heading='Verification',
                guaranteed=True,
                notes=('verification',),
                placeholders=('[None]', '`command` → exit 0 (X/X)'),
                merges=('Verification Evidence',),
            ),
            SectionSpec(
                name='Last Updated',
                kind='stamp',
                heading='Last Updated',
                guaranteed=True,
                placeholders=('[None]', '[timestamp]'),
            ),
        ),
        body=(
            '# Progress Tracking\n'
            '\n'
            '<!-- The headings are anchors: write below them, keep their names and order. -->\n'
            '\n'
            '## Current Workflow\n'
            '\n'
            '[PLAN | BUILD | REVIEW | DEBUG]\n'
            '\n'
            '## Tasks <!-- SNAPSHOT: replaced at workflow end -->\n'
            '\n'
            '- [None]\n'
            '\n'
            '## Completed\n'
            '\n'
            '- [None]\n'
            '\n'
            '## Verification\n'
            '\n'
            '- [None]\n'
            '\n'
            '## Last Updated\n'
            '\n'
            '[timestamp]\n'
        ),
    ),
}
