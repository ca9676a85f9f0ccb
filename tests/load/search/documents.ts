import pg from 'pg';

/** The id of a space by its number, in the form that ids have. */
const spaceId = (n: string): string =>
  `overlay(overlay(md5('space' || ${n}) placing '7' from 13) placing '8' from 17)::uuid`;

/**
 * Documents of words that are as frequent as those of a language (`w0` is in most, `w4000` in few), straight into the tables, on
 * two connections; beside them the same words without spaces.
 */
export async function fillDocuments(
  url: string,
  {
    items,
    spaces,
    asked,
    personId,
    say,
  }: { items: number; spaces: number; asked: number; personId: string; say(line: string): void },
): Promise<{ tableBytes: number; indexBytes: number; peerIndexBytes: number }> {
  const clients = [new pg.Client({ connectionString: url }), new pg.Client({ connectionString: url })];
  const [first] = clients as [pg.Client, pg.Client];
  try {
    for (const client of clients) {
      await client.connect();
      await client.query(
        "set synchronous_commit = off; set maintenance_work_mem = '1GB'; set work_mem = '64MB'",
      );
    }
    await first.query(
      'create temporary table asker as select org_id, person_id from core.member where person_id = $1',
      [personId],
    );
    const orgId = (await first.query<{ org_id: string }>('select org_id from asker limit 1')).rows[0]!.org_id;
    await first.query(
      `insert into core.space (id, org_id, kind, name, home_site)
       select ${spaceId('n')}, $1, 'team', 'Space ' || n, 0 from generate_series(1, $2::int) n`,
      [orgId, spaces],
    );
    await first.query(
      `insert into core.member (org_id, space_id, person_id, role)
       select $1, ${spaceId('n * $3::int')}, $2, 'member' from generate_series(1, $4::int) n`,
      [orgId, personId, Math.floor(spaces / asked), asked],
    );
    // What is thrown away afterwards needs no log, and keys are found sooner all at once than one by one.
    await first.query(
      `drop index search.document_words, search.document_newest; alter table search.document drop constraint document_pkey;
       alter table search.document set unlogged`,
    );
    await first.query('create unlogged table bench_plain (id int, words tsvector)');
    const batch = 5000;
    let next = 0;
    const kinds =
      "(array['chat.message', 'chat.message', 'chat.message', 'files.file', 'contacts.card', 'calendar.appointment'])";
    await Promise.all(
      clients.map(async (client) => {
        for (;;) {
          const from = next;
          next += batch;
          if (from >= items) return;
          await client.query(
            `with written as (
               select n, array(select 'w' || floor(exp(random() * ln(40000.0)) - 1)::int from generate_series(1, 14 + (n % 20) + n * 0))
                 || case when n % 2500 = 2499 then array['lighthouse'] else '{}' end as words,
                 s.id as space_id, search.letters_of(s.id) as letters, ${kinds}[1 + n % 6] as kind
               from generate_series($1::int, $2::int) n
                 cross join lateral (select ${spaceId('(1 + n % $3::int)')} as id offset 0) s
             ), plain as (
               insert into bench_plain select n, array_to_tsvector(array(select distinct w from unnest(words) w)) from written
             )
             insert into search.document (org_id, kind, id, space_id, container_id, title, title_words, text, container, at, path,
               words, fingerprint)
             select $4, kind, n::text, space_id, space_id,
               case when kind = 'chat.message' then '' else array_to_string(words[1:3], ' ') end,
               case when kind = 'chat.message' then ' ' else ' ' || array_to_string(words[1:3], ' ') || ' ' end,
               array_to_string(words, ' '), 'Place ' || n % $3::int, now() - make_interval(mins => n), '/x/' || n,
               -- What \`search.words_of\` makes of it, and ten times sooner: such words are their own stems.
               array_to_tsvector(array(select letters || w from (
                   select w from unnest(words) w
                   union select '^' || w from unnest(case when kind = 'chat.message' then '{}' else words[1:3] end) w
                   union select '#' || kind
                   union select '+3363998' || lpad((n / 5000 % 90)::text, 2, '0') || '00' where n % 100 = 99) each (w))
                 || search.place_word(space_id)), ''
             from written`,
            [from, Math.min(items, from + batch) - 1, spaces, orgId],
          );
          if ((from / batch) % 20 === 0) say(`${from} of ${items}`);
        }
      }),
    );
    say('building the indexes');
    await Promise.all([
      first
        .query('alter table search.document add primary key (org_id, kind, id)')
        .then(() =>
          first.query(
            'create index document_words on search.document using gin (words) with (fastupdate = off)',
          ),
        ),
      clients[1]!
        .query('create index bench_plain_words on bench_plain using gin (words)')
        .then(() =>
          clients[1]!.query('create index document_newest on search.document (org_id, space_id, at desc)'),
        ),
    ]);
    await first.query('vacuum analyze search.document');
    await first.query('vacuum analyze bench_plain');
    await first.query('analyze core.member');
    await first.query('checkpoint');
    const { rows } = await first.query<{ table_bytes: string; index_bytes: string; peer_bytes: string }>(
      `select pg_table_size('search.document') as table_bytes, pg_relation_size('search.document_words') as index_bytes,
         pg_relation_size('bench_plain_words') as peer_bytes`,
    );
    return {
      tableBytes: Number(rows[0]!.table_bytes),
      indexBytes: Number(rows[0]!.index_bytes),
      peerIndexBytes: Number(rows[0]!.peer_bytes),
    };
  } finally {
    for (const client of clients) await client.end();
  }
}
