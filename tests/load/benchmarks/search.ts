import { createLog } from '@liaison/core/log';
import { startEmbeddedPostgres } from '@liaison/core/postgres';
import pg from 'pg';
import { scratchFolder, seedInstallation } from '../measure/installation.ts';
import { atMost, type Benchmark, type Row } from '../measure/report.ts';
import { startServer } from '../measure/server.ts';
import { fillDocuments } from '../search/documents.ts';

const spaces = 5000;
const asked = 50;
const goalMs = 100;

/** What people type, by kind of question; `N` is another of each, so that none is answered from the one before. */
const questions: Readonly<Record<string, (at: number) => string>> = {
  'a frequent word': (at) => `w${at % 20} `,
  'a rare word': (at) => `w${3000 + at * 7} `,
  'a beginning of three letters': (at) => `w${100 + (at % 800)}`.slice(0, 3),
  'two words': (at) => `w${at % 40} w${50 + (at % 60)} `,
  'four words, the last begun': (at) => `w${at % 9} w${at % 11} w${at % 13} w${1 + (at % 9)}`,
  'a telephone number': (at) => `+33 6 39 98 ${String(at % 90).padStart(2, '0')} 00`,
  'words and operators': (at) => `w${at % 30} type:message after:2026-0${1 + (at % 6)}-01 `,
  'a typing error': (at) => `lighthuose w${at % 5}`,
  'another first letter': (at) => `kighthouse w${at % 5}`,
  'a word that is nowhere': (at) => `zqxjkvb${'abcdefghij'[at % 10]} w${at % 5} `,
  'nothing that there is': (at) => `qqqq${at}zz `,
};

/**
 * Documents of all kinds, put straight into the index, in 5,000 spaces of which the asker is in 50, asked over HTTP one after the
 * other; beside them what PostgreSQL's own full text search takes for the same words without asking for any right.
 */
export const search: Benchmark = async ({ rounds, items, say }) => {
  const { folder, remove } = await scratchFolder('search');
  try {
    const seeded = await seedInstallation(folder, { people: 2 });
    const log = createLog({ level: 'error' });
    const asker = seeded.people[1]!;
    const postgres = await startEmbeddedPostgres({ dataFolder: folder, log });
    const peers = new Map<string, number[]>();
    let filled: Awaited<ReturnType<typeof fillDocuments>>;
    try {
      say(`filling ${items} documents`);
      filled = await fillDocuments(postgres.url, { items, spaces, asked, personId: asker.id, say });
      const client = new pg.Client({ connectionString: postgres.url });
      await client.connect();
      try {
        for (const [name, question] of Object.entries(questions)) {
          if (!/word/.test(name)) continue;
          const took: number[] = [];
          for (let at = 0; at < 10 * Math.min(rounds, 3); at += 1) {
            const began = performance.now();
            await client.query(
              `select id from bench_plain where words @@ plainto_tsquery('simple', $1)
               order by ts_rank(words, plainto_tsquery('simple', $1)) desc limit 20`,
              [question(at).replace(/\b\w+:\S+/g, '')],
            );
            took.push(performance.now() - began);
          }
          peers.set(
            name,
            took.sort((a, b) => a - b),
          );
        }
      } finally {
        await client.end();
      }
    } finally {
      await postgres.stop();
    }

    const server = await startServer({ dataFolder: folder, pin: false });
    try {
      const find = async (q: string): Promise<{ ms: number; rows: number }> => {
        const began = performance.now();
        const answer = await fetch(`${server.url}/api/v1/search?q=${encodeURIComponent(q)}`, {
          headers: { cookie: asker.cookie, 'sec-fetch-site': 'same-origin' },
        });
        const body = (await answer.json()) as { rows: unknown[] };
        if (answer.status !== 200) throw new Error(`${q}: ${answer.status} ${server.output()}`);
        return { ms: performance.now() - began, rows: body.rows.length };
      };
      // The first of each kind opens connections and plans.
      for (const question of Object.values(questions))
        for (let at = 0; at < 8; at += 1) await find(question(at));
      const rows: Row[] = [];
      const all: number[] = [];
      for (const [name, question] of Object.entries(questions)) {
        const took: number[] = [];
        let found = 0;
        for (let at = 0; at < 40 * rounds; at += 1) {
          const answer = await find(question(at + 8));
          took.push(answer.ms);
          found += answer.rows;
        }
        took.sort((a, b) => a - b);
        all.push(...took);
        const peer = peers.get(name);
        const p = (values: readonly number[], part: number) =>
          values[Math.floor(values.length * part)] ?? Number.NaN;
        say(
          `${name}: p50 ${p(took, 0.5).toFixed(1)}, p99 ${p(took, 0.99).toFixed(1)} ms, ${(found / took.length).toFixed(1)} found`,
        );
        rows.push({ ...atMost(`${name}: p50`, 'ms', p(took, 0.5)), peer: peer ? p(peer, 0.5) : null });
        rows.push({
          ...atMost(`${name}: p99`, 'ms', p(took, 0.99), goalMs),
          peer: peer ? p(peer, 0.99) : null,
        });
      }
      all.sort((a, b) => a - b);
      rows.push(atMost('all kinds: p50', 'ms', all[Math.floor(all.length * 0.5)]!));
      rows.push(atMost('all kinds: p99', 'ms', all[Math.floor(all.length * 0.99)]!, goalMs));
      rows.push(atMost('table', 'MB', filled.tableBytes / 1e6));
      rows.push({
        ...atMost('index of words', 'MB', filled.indexBytes / 1e6),
        peer: filled.peerIndexBytes / 1e6,
      });
      return {
        rows,
        notes: [
          `${items} documents of ${spaces} spaces, the asker in ${asked}; one question after the other over HTTP, 20 rows with their passages`,
          'peer: plainto_tsquery and ts_rank over a plain tsvector of the same words, straight in PostgreSQL, without rights, stems, beginnings or passages',
        ],
      };
    } finally {
      await server.stop();
    }
  } finally {
    await remove();
  }
};
