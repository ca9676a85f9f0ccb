import { expect, test } from 'vitest';
import { readProtocols } from './protocols/citations.ts';
import { checkProtocols, protocolsPage } from './rfc-index.ts';
import { formatFinding } from './source/finding.ts';
import { type Files, manifest, withTree } from './testing/scratch-tree.ts';

const SIP: Files = {
  'engines/sip/package.json': manifest('@liaison/sip', { '.': './src/index.ts' }, {}),
  'engines/sip/rfcs.txt':
    '# what a registrar needs\n3261 SIP: Session Initiation Protocol\n3326 The Reason Header Field\n',
  'engines/sip/src/timer.ts': [
    '// RFC 3261 §17.1.1.2: timer A doubles',
    '// TODO(RFC 3261 §18.1.1): a request near the size of the path is',
    '// sent over TCP. Until then it is refused.',
    'export const a = 1; // RFC 3261 §8.1.1, §10.2 and §9',
  ].join('\n'),
  'engines/sip/src/reason.ts':
    '/**\n * Departs from RFC 3326 §2: one value only,\n * the first. The others are dropped.\n */\nexport const b = 1;\n',
  'engines/sip/src/timer.test.ts': '// RFC 3261 §17.1.1.2\n',
};

function check(files: Files): string[] {
  return withTree(files, (tree) => checkProtocols(tree).map(formatFinding));
}

const page = withTree(SIP, (tree) => protocolsPage(readProtocols(tree)));

test('the page names each section with its files, the gaps and the departures', () => {
  expect(
    page.slice(page.indexOf('| RFC')),
  ).toBe(`| RFC | title | implemented in | sections cited | gaps | departures |
|---|---|---|---|---|---|
| [3261](#rfc-3261) | SIP: Session Initiation Protocol | engines/sip | 5 | 1 | 0 |
| [3326](#rfc-3326) | The Reason Header Field | engines/sip | 1 | 0 | 1 |

## RFC 3261

SIP: Session Initiation Protocol.

- §8.1.1: \`engines/sip/src/timer.ts\`
- §9: \`engines/sip/src/timer.ts\`
- §10.2: \`engines/sip/src/timer.ts\`
- §17.1.1.2: \`engines/sip/src/timer.ts\`, tested
- §18.1.1: \`engines/sip/src/timer.ts\`

Not done yet:

- §18.1.1: a request near the size of the path is sent over TCP (\`engines/sip/src/timer.ts\`)

## RFC 3326

The Reason Header Field.

- §2: \`engines/sip/src/reason.ts\`

Departures:

- §2: one value only, the first (\`engines/sip/src/reason.ts\`)
`);
});

test('a fresh page passes, a stale or absent one does not', () => {
  expect(check({ ...SIP, 'docs/protocols.md': page })).toEqual([]);
  expect(check({ ...SIP, 'docs/protocols.md': `${page}x` })[0]).toMatch(/^docs\/protocols\.md is stale/);
  expect(check(SIP)[0]).toMatch(/is stale/);
});

test('an RFC that is cited and not listed', () => {
  expect(check({ ...SIP, 'engines/sip/src/x.ts': '\n// RFC 4028 §4\n// RFC 4028 §5\n' })).toEqual([
    expect.stringMatching(/^engines\/sip\/src\/x\.ts:2 cites RFC 4028, which no rfcs\.txt lists/),
  ]);
});

test('an RFC that is listed and never cited', () => {
  expect(
    check({ ...SIP, 'engines/sip/rfcs.txt': `${SIP['engines/sip/rfcs.txt']}4028 Session Timers\n` }),
  ).toEqual([expect.stringMatching(/^engines\/sip\/rfcs\.txt:4 lists RFC 4028, which no code cites/)]);
});

test('a line of the list that cannot be read', () => {
  expect(
    check({ ...SIP, 'engines/sip/rfcs.txt': `${SIP['engines/sip/rfcs.txt']}Session Timers\n` })[0],
  ).toMatch(/^engines\/sip\/rfcs\.txt:4 has the line 'Session Timers'/);
});
