import { describe, expect, test } from 'vitest';
import { checkMigrations } from './check-migrations.ts';
import { formatFinding } from './source/finding.ts';
import { withTree } from './testing/scratch-tree.ts';

const FILE = 'modules/chat/server/migrations/0007-next.sql';
const findingsIn = (sql: string, version = '1.4.0', file = FILE): string[] =>
  withTree({ 'package.json': JSON.stringify({ name: 'liaison', version }), [file]: sql }, (tree) =>
    checkMigrations(tree).map(formatFinding),
  );

const SOUND: [what: string, sql: string][] = [
  ['a column that may be empty', 'alter table chat.message add column edited_by uuid;'],
  ['a column with a default', "alter table chat.message add column kind text not null default 'text';"],
  [
    'a new table with whatever it needs',
    `create table chat.poll (id uuid primary key, org_id uuid not null);
     alter table chat.poll add column question text not null;
     create unique index poll_org on chat.poll (org_id);`,
  ],
  [
    'an index made beside the work',
    'create index concurrently if not exists message_by on chat.message (author_id);',
  ],
  [
    'an index on a small table',
    '-- small: chat.category, some for each organisation\ncreate index c on chat.category (org_id);',
  ],
  [
    'a rule that is checked later',
    'alter table chat.message add constraint short check (length(body) < 9) not valid;',
  ],
  ['its validation', 'alter table chat.message validate constraint short;'],
  ['a rule that goes', 'alter table chat.message drop constraint short, alter column kind drop not null;'],
  ['an index that goes', 'drop index chat.message_by;'],
  [
    'words in texts, comments and functions',
    `-- drop table chat.message; rename
     /* drop table chat.message; */
     insert into chat.note (body) values ('it''s; drop table chat.message;');
     create function chat.clean() returns void language plpgsql as $$ begin drop table if exists scratch; end $$;`,
  ],
  [
    'what nothing has used since a release',
    '-- contract: nothing reads it since 1.3.0\nalter table chat.message drop column kind;',
  ],
  [
    'what nothing has used since this one',
    '-- contract: nothing reads it since 1.4.0\ndrop table chat.note;',
  ],
];

describe('is let through', () => {
  test.each(SOUND)('%s', (_what, sql) => {
    expect(findingsIn(sql)).toEqual([]);
  });
});

const REFUSED: [what: string, sql: string, finding: RegExp][] = [
  [
    'a dropped column',
    'select 1;\nalter table chat.message\n  drop column kind;',
    /0007-next\.sql:2 drops a column/,
  ],
  [
    'a dropped column in short',
    'alter table chat.message add b text, drop if exists kind;',
    /:1 drops a column/,
  ],
  ['a dropped table', 'drop table if exists chat.note;', /drops a table/],
  ['a dropped function', 'drop function chat.clean;', /drops a function/],
  ['an emptied table', 'truncate chat.note;', /empties a table/],
  ['a renamed column', 'alter table chat.message rename column body to text;', /renames/],
  ['a renamed table', 'ALTER TABLE chat.message RENAME TO said;', /renames/],
  ['a renamed value', "alter type chat.kind rename value 'a' to 'b';", /renames/],
  ['another type', 'alter table only chat.message alter column seq type bigint;', /changes the type/],
  ['a null forbidden', 'alter table chat.message alter author_id set not null;', /forbids null/],
  ['a default taken away', 'alter table chat.message alter column kind drop default;', /takes the default/],
  [
    'a column that must be filled',
    'alter table chat.message add column kind text not null;',
    /must be filled/,
  ],
  [
    'an index that locks',
    'create index message_by on chat.message (author_id);',
    /makes an index on chat\.message/,
  ],
  [
    'an index without a name that locks',
    'create unique index on chat.message using btree (id);',
    /makes an index on chat\.message/,
  ],
  [
    'an index beside other things',
    'select 1;\ncreate index concurrently m on chat.message (author_id);',
    /:2 makes an index concurrently beside/,
  ],
  [
    'a rule over all rows',
    'alter table chat.message add constraint s check (length(body) < 9);',
    /reads all of its rows/,
  ],
  [
    'a value for each row',
    'alter table chat.message add column k uuid not null default gen_random_uuid();',
    /for each row/,
  ],
  [
    'a contract without a release',
    '-- contract: not needed any more\ndrop table chat.note;',
    /drops a table/,
  ],
  [
    'a release that is not there',
    '-- contract: unused since 1.5.0\ndrop table chat.note;',
    /says since 1\.5\.0, which is not/,
  ],
];

describe('is refused', () => {
  test.each(REFUSED)('%s', (_what, sql, finding) => {
    expect(findingsIn(sql)).toEqual([expect.stringMatching(finding)]);
  });
});

test('the floor has the same rule, and other files have none', () => {
  expect(findingsIn('drop table core.space;', '1.0.0', 'core/db/migrations/0009-x.sql')).toHaveLength(1);
  expect(findingsIn('drop table core.space;', '1.0.0', 'core/db/testdata/x.sql')).toEqual([]);
});
