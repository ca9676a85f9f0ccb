import type { TestClient, TestPerson } from '@liaison/core/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { search } from '../contract/index.ts';
import { openSearchStage, type SearchStage, written } from './testing/search-stage.ts';

let stage: SearchStage;
let ines: TestClient;
let bruno: TestClient;
let amina: TestClient;
let team: string;

beforeAll(async () => {
  stage = await openSearchStage();
  [ines, bruno, amina] = stage.clients as [TestClient, TestClient, TestClient];
  // Amina is in none.
  team = await stage.team('Étude du port', stage.people.slice(0, 2), ['manager', 'member']);
});
afterAll(() => stage.close());

const note = (text: string, more = {}) => stage.write('test.note', team, { text, ...more });

describe('what was written', () => {
  it('is found by its words, without accents, in other forms and as it is typed', async () => {
    await note('Les réunions mensuelles du chantier naval');
    for (const q of [
      'réunions',
      'REUNIONS',
      'reunion',
      'mensuelle',
      'chan',
      'naval chantier',
      'les chantiers',
    ]) {
      expect(await stage.titles(bruno, q), q).toEqual(['Les réunions mensuelles du chantier naval']);
    }
    for (const q of ['ch', 'reunionite', 'chantier -naval', 'les', '"naval chantier"', 'chan x']) {
      expect(await stage.titles(bruno, q), q).toEqual(
        q === 'les' ? ['Les réunions mensuelles du chantier naval'] : [],
      );
    }
    expect(await stage.titles(bruno, '"chantier naval"')).toHaveLength(1);
  });

  it('is found by the name of who wrote it, behind what has that name itself', async () => {
    await note('the quay is wet', { personIds: [stage.people[1]!.id] });
    await stage.write('test.file', team, { title: 'Letter to Mendes', at: new Date('2020-01-01') });
    expect(await stage.titles(ines, 'mendes')).toEqual(['Letter to Mendes', 'the quay is wet']);
    expect(await stage.titles(ines, 'mend quay')).toEqual([]);
    expect(await stage.titles(ines, 'bruno quay')).toEqual(['the quay is wet']);
  });

  it('has stems of four languages', async () => {
    await note('invoices were delivered');
    await note('las reclamaciones pendientes');
    await note('os pescadores chegaram');
    expect(await stage.titles(bruno, 'invoice deliver')).toEqual(['invoices were delivered']);
    expect(await stage.titles(bruno, 'reclamacion')).toEqual(['las reclamaciones pendientes']);
    expect(await stage.titles(bruno, 'pescador')).toEqual(['os pescadores chegaram']);
  });

  it('is another text once it was changed, and gone when it is', async () => {
    const id = await note('obsolete wording');
    await note('', { id, text: 'fresh wording' });
    expect(await stage.titles(bruno, 'obsolete')).toEqual([]);
    expect(await stage.titles(bruno, 'fresh')).toEqual(['fresh wording']);
    await stage.forget('test.note', team, id);
    expect(await stage.titles(bruno, 'fresh')).toEqual([]);
  });

  it('says what was found as pieces, and never as markup', async () => {
    await stage.write('test.file', team, {
      title: 'Tender <b>2026</b>.pdf',
      text: `${'x '.repeat(300)}the tender closes on Monday`,
      container: 'Offers',
      personIds: [stage.people[0]!.id],
      path: '/files/1',
      at: new Date('2026-05-01T10:00:00Z'),
    });
    const { rows } = await stage.find(bruno, 'tender type:file');
    expect(rows).toMatchObject([
      {
        kind: 'test.file',
        title: [
          { text: 'Tender', found: true },
          { text: ' <b>2026</b>.pdf', found: false },
        ],
        container: 'Offers',
        personIds: [stage.people[0]!.id],
        path: '/files/1',
        at: '2026-05-01T10:00:00.000Z',
      },
    ]);
    expect(rows[0]?.passage).toContainEqual({ text: 'tender', found: true });
  });

  it('comes best first: a whole title, a word of a title, a text, and the newest of equals', async () => {
    const day = (ago: number) => ({ at: new Date(Date.now() - ago * 86_400_000) });
    await note('about lighthouse things, lately', day(1));
    await note('about lighthouse things, long ago', day(400));
    await stage.write('test.file', team, { title: 'Plan of the lighthouse.pdf', ...day(300) });
    await stage.write('test.file', team, { title: 'Lighthouse', ...day(2000) });
    expect(await stage.titles(bruno, 'lighthouse')).toEqual([
      'Lighthouse',
      'Plan of the lighthouse.pdf',
      'about lighthouse things, lately',
      'about lighthouse things, long ago',
    ]);
  });

  it('is given in pages, each item once', async () => {
    for (let at = 0; at < 7; at += 1) await note(`seagull number ${at}`);
    const found: string[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < 10; page += 1) {
      const answer = await stage.find(bruno, 'seagull', { limit: 3, ...(cursor ? { cursor } : {}) });
      found.push(...answer.rows.map(({ id }) => id));
      if (answer.next === null) break;
      cursor = answer.next;
    }
    expect(new Set(found).size).toBe(7);
    expect(found).toHaveLength(7);
    for (const wrong of ['x', Buffer.from('[1,2]').toString('base64url')]) {
      const { status } = await bruno.call(search, { query: { q: 'seagull', cursor: wrong } });
      expect(status).toBe(400);
    }
  });
});

describe('much of it', () => {
  it('gives the newest of what is frequent, the oldest of what is rare, and titles before both', async () => {
    const { admin } = stage.test.testDb;
    await admin(
      `insert into search.document (org_id, kind, id, space_id, title, title_words, text, container, at, path, words, fingerprint)
       select $1, 'test.note', 'many-' || n, $2, '', ' ', 'a tern ' || n, '', now() - make_interval(hours => n), '/many',
         search.words_of($2, array['tern', 'n' || n] || case when n > 3500 then array['auk'] else '{}' end, '{}', '{#test.note}', '{}'), ''
       from generate_series(1, 3600) as n`,
      [stage.orgId, team],
    );
    try {
      await stage.write('test.file', team, { title: 'Tern', at: new Date('2020-01-01') });
      expect((await stage.titles(bruno, 'tern')).slice(0, 3)).toEqual(['Tern', 'a tern 1', 'a tern 2']);
      expect((await stage.titles(bruno, 'auk ')).slice(0, 2)).toEqual(['a tern 3501', 'a tern 3502']);
      expect(await stage.titles(bruno, 'n3600 tern ')).toEqual(['a tern 3600']);
      const day = new Date(Date.now() - 3000 * 3_600_000).toISOString().slice(0, 10);
      const [before] = await stage.titles(bruno, `tern before:${day} type:note`);
      expect(Number(before?.split(' ').at(-1))).toBeGreaterThan(2990);
      expect(await stage.titles(amina, 'tern')).toEqual([]);
    } finally {
      await admin("delete from search.document where id like 'many-%'");
    }
  });
});

describe('operators', () => {
  it('narrow by who, what, where and when', async () => {
    const [i, b] = stage.people;
    const write = (text: string, personId: string, container: string, at: string, kind = 'test.note') =>
      stage.write(kind, team, { text, personIds: [personId], container, at: new Date(at) });
    await write('herring one', i!.id, 'Quota', '2026-01-01T12:00:00Z');
    await write('herring two', b!.id, 'Fleet', '2026-02-01T12:00:00Z');
    await write('herring three', b!.id, 'Quota', '2026-03-01T12:00:00Z', 'test.file');
    const found = async (q: string) => (await stage.titles(bruno, q)).sort();
    expect(await found('herring from:inès')).toEqual(['herring one']);
    expect(await found('herring de:moi')).toEqual(['herring three', 'herring two']);
    expect(await found('herring type:file')).toEqual(['herring three']);
    expect(await found('herring type:fichier type:note')).toHaveLength(3);
    expect(await found('herring in:quota')).toEqual(['herring one', 'herring three']);
    expect(await found('herring in:"étude du port"')).toHaveLength(3);
    expect(await found('herring before:2026-02-01')).toEqual(['herring one']);
    // The day begins in the asker's zone.
    expect(await found('herring after:2026-02-01')).toEqual(['herring three', 'herring two']);
    expect(await found('herring from:ines in:fleet')).toEqual([]);
    expect(await found('from:ines in:quota')).toEqual(['herring one']);
    expect(await found('in:fleet')).toEqual(['herring two']);
    expect((await found('in:"etude du port" type:note')).length).toBeGreaterThan(2);
  });

  it('say whom and what there is not, and find nothing then', async () => {
    const answer = await stage.find(bruno, 'herring from:zoltan type:spaceship');
    expect(answer.rows).toEqual([]);
    expect(answer.remarks).toEqual([
      { is: 'no-such-type', name: 'spaceship' },
      { is: 'nobody-of-that-name', name: 'zoltan' },
    ]);
  });

  it('are words where they are none, and nothing that is typed is a command to the database', async () => {
    for (const q of [
      "'",
      "a' | 'b",
      '!:*',
      '& | ! <->',
      '\\',
      '~',
      "~'",
      '(((((',
      '%',
      'from:',
      'before:x',
      '"',
      '-',
      'x'.repeat(200),
    ]) {
      expect(
        (await bruno.call(search, { query: { q } })).status,
        `${q} ${JSON.stringify(stage.test.logged)}`,
      ).toBe(200);
    }
    expect((await bruno.call(search, { query: { q: `e${'\u0301'.repeat(199)}` } })).status).toBe(200);
    expect((await bruno.call(search, { query: { q: 'x'.repeat(201) } })).status).toBe(400);
    expect((await bruno.call(search, { query: { q: 'a\0b' } })).status).toBe(400);
    expect((await stage.test.client().call(search, { query: { q: 'a' } })).status).toBe(401);
  });
});

describe('telephone numbers', () => {
  it('are found in any spelling, whole or begun, and told', async () => {
    await note('Rappelez le 06 39 98 12 34 demain', { personIds: [stage.people[0]!.id] });
    for (const q of [
      '0639981234',
      '+33 6 39 98 12 34',
      '0033639981234',
      '06.39.98.12.34',
      '06 39 98',
      '+33639981',
    ]) {
      expect(await stage.titles(bruno, q), q).toEqual(['Rappelez le 06 39 98 12 34 demain']);
    }
    expect(await stage.titles(bruno, '06 39 98 12 35')).toEqual([]);
    await note('Tel:+351210000777) 12');
    expect(await stage.titles(bruno, '00351 210 000 777')).toEqual(['Tel:+351210000777) 12']);
    const { understood, rows } = await stage.find(bruno, '0639981234');
    expect(understood.numbers).toEqual(['+33639981234']);
    expect(rows[0]?.passage).toContainEqual({ text: '06 39 98 12 34', found: true });
  });

  it.each([
    ['+33 (0)4 91 22 33 00', '0491223300', '+33 (0)4 91 22 33 00'],
    ['(+33) 4.91.22.33.01', '04 91 22 33 01', '(+33) 4.91.22.33.01'],
    ['00 33 (0)4 91 22 33 02', '+33491223302', '00 33 (0)4 91 22 33 02'],
    ['+３３ ４ ９１ ２２ ３３ ０３', '0491223303', '+３３ ４ ９１ ２２ ３３ ０３'],
    ['電話は+81 3-1234-5604まで', '+81 3 1234 5604', '+81 3-1234-5604'],
    ['04/91/22/33/05', '+33 4 91 22 33 05', '04/91/22/33/05'],
    ['04 91 22 33 06 / 06 12 34 56 06', '+33612345606', '06 12 34 56 06'],
    ['00 33 4 91 22 33 07, quai 7', '+33 4 91 22 33 07', '00 33 4 91 22 33 07'],
    ['+55 11 2123-4508 ramal 204', '(11) 2123-4508', '+55 11 2123-4508'],
    // As it is dialled where the organisation is, and where nobody is.
    ['ligue 912 345 609', '+351912345609', '912 345 609'],
    ['Ring 0711-000.010', '0711 000 010', '0711-000.010'],
    ['facture nº 7328-2932-0011', '732829320011', '7328-2932-0011'],
  ])('%j is found by %s', async (text, q, marked) => {
    await note(text, { personIds: [stage.people[0]!.id] });
    const { rows } = await stage.find(bruno, q);
    expect(rows.map(({ passage }) => written(passage))).toEqual([text]);
    expect(rows[0]?.passage).toContainEqual({ text: marked, found: true });
  });

  it('are those of the country that the organisation is in now', async () => {
    await note('ring 0491887766', { personIds: [] });
    // As others write it who are there; in Portugal it is none.
    await stage.search.readAnew();
    expect(await stage.titles(bruno, '+33491887766')).toEqual([]);
    await stage.move('Europe/Paris');
    expect(await stage.titles(bruno, '+33491887766')).toEqual(['ring 0491887766']);
    await stage.move('Europe/Lisbon');
    expect(await stage.titles(bruno, '+33491887766')).toEqual([]);
  });

  it('are found in columns', async () => {
    await note('Quai 7\t04 91 22 33 08\t06 12 34 56 08\t2026', { personIds: [stage.people[0]!.id] });
    for (const q of ['+33491223308', '06 12 34 56 08'])
      expect(await stage.titles(bruno, q), q).toHaveLength(1);
  });

  it('are no others than the ones that were asked for', async () => {
    await note('04 91 22 33 44 and +351 213 756 789');
    for (const q of ['04 91 22 33 45', '+34 91 22 33 44', '213 756 780', '+351 213 756 780']) {
      expect(await stage.titles(bruno, q), q).toEqual([]);
    }
  });
});

describe('typing errors', () => {
  it('give what was probably meant, and say so', async () => {
    await note('the scaffolding is late');
    for (const q of ['scafolding', 'scaffodling', 'scaffolding late', 'scaffoldingg late', 'csaffolding']) {
      const answer = await stage.find(bruno, q);
      expect(
        answer.rows.map(({ passage }) => written(passage)),
        q,
      ).toEqual(['the scaffolding is late']);
      if (q === 'scaffolding late') expect(answer.instead).toBeNull();
      else expect(answer.instead, q).toEqual({ q: q.replace(/^\w+/, 'scaffolding'), words: ['scaffolding'] });
    }
    await note('a déjàvulike thing');
    expect((await stage.find(bruno, 'dejavluike')).instead).toEqual({
      q: 'déjàvulike',
      words: ['déjàvulike'],
    });
    expect((await stage.find(bruno, 'zzzzzzz')).instead).toBeNull();
  });

  it('are forgiven in the first letter too: another, none, or one too many', async () => {
    await note('the contract for Lomé');
    for (const q of ['xontract', 'ontract', 'ccontract', 'contarct', 'xontarct', 'xontract for lome']) {
      const answer = await stage.find(bruno, `${q} `);
      expect([q, answer.rows.map(({ passage }) => written(passage))]).toEqual([q, ['the contract for Lomé']]);
      expect([q, answer.instead?.words]).toEqual([q, ['contract']]);
    }
    // Of a word that is there nothing else is tried, and a short one may have one mistake alone.
    expect((await stage.find(bruno, 'contract zzzzzzz ')).instead).toBeNull();
    expect((await stage.find(bruno, 'xomá ')).rows).toEqual([]);
    expect((await stage.find(bruno, 'somé ')).instead?.words).toEqual(['lomé']);
    // Neither is a word of others told.
    expect(await stage.find(amina, 'xontract ')).toMatchObject({ rows: [], instead: null });
  });

  it('are looked for in short texts first, and in long ones', async () => {
    const words = Array.from({ length: 3990 }, (_, at) => `${at.toString(36).split('').reverse().join('')}x`);
    for (let at = 0; at < 3; at += 1) await note(`cantilever ${words.join(' ')} ${at}`);
    await note('a trestlework bridge', { at: new Date(Date.now() - 86_400_000) });
    expect((await stage.find(bruno, 'trestlewrok ')).instead?.words).toEqual(['trestlework']);
    expect((await stage.find(bruno, 'kantilever ')).instead?.words).toEqual(['cantilever']);
  });
});

describe('what may not be read', () => {
  const secret = 'walrus merger';

  it('is as if it were not there: for a stranger, a closed folder, and another organisation', async () => {
    const folder = stage.test.core.ids.next();
    await note(secret, { place: { containerId: team, around: [folder] } });
    expect(await stage.titles(bruno, 'walrus')).toEqual([secret]);
    const nothing = { rows: [], next: null, instead: null, remarks: [] };
    // Neither the word nor its neighbours are told.
    for (const q of ['walrus', 'walrsu', 'wal', 'walrus merger', 'merger -walrus']) {
      expect(await stage.find(amina, q), q).toMatchObject(nothing);
    }
    const { core } = stage.test;
    const close = await core.db.transaction(stage.orgId, (tx) =>
      core.spaces.grant(
        tx,
        { spaceId: team, itemId: folder },
        { principal: { kind: 'person', id: stage.people[1]!.id }, right: 'none' },
      ),
    );
    for (const q of ['walrus', 'walrsu']) expect(await stage.find(bruno, q), q).toMatchObject(nothing);
    expect(await stage.titles(ines, 'walrus')).toEqual([secret]);
    await core.db.transaction(stage.orgId, (tx) => core.spaces.revoke(tx, close));
    expect(await stage.titles(bruno, 'walrus')).toEqual([secret]);

    const others = await stage.test.organisation();
    const other = stage.test.client(others.people[0]);
    expect(await stage.find(other, 'walrus')).toMatchObject(nothing);
  });

  it('is found by whom it was shared with, as long as it is', async () => {
    const [folder, item] = [stage.test.core.ids.next(), stage.test.core.ids.next()];
    await stage.write('test.file', team, {
      title: 'Narwhal plan',
      place: { around: [folder], itemId: item },
    });
    await stage.write('test.file', team, { title: 'Narwhal budget' });
    expect(await stage.titles(amina, 'narwhal')).toEqual([]);
    const { core } = stage.test;
    const share = (level: 'read' | 'free-busy', itemId: string) =>
      core.db.transaction(stage.orgId, (tx) =>
        core.spaces.grant(
          tx,
          { spaceId: team, itemId },
          { principal: { kind: 'person', id: stage.people[2]!.id }, right: level },
        ),
      );
    const grant = await share('read', folder);
    expect(await stage.titles(amina, 'narwhal')).toEqual(['Narwhal plan']);
    // The item is nearer than what it lies in.
    const nearer = await share('free-busy', item);
    expect(await stage.titles(amina, 'narwhal')).toEqual([]);
    await core.db.transaction(stage.orgId, (tx) => core.spaces.revoke(tx, nearer));
    expect(await stage.titles(amina, 'narwhal')).toEqual(['Narwhal plan']);
    await core.db.transaction(stage.orgId, (tx) => core.spaces.revoke(tx, grant));
    expect(await stage.titles(amina, 'narwhal')).toEqual([]);
    await core.db.transaction(stage.orgId, (tx) =>
      core.spaces.grant(
        tx,
        { spaceId: team, itemId: item },
        { principal: { kind: 'organisation' }, right: 'read' },
      ),
    );
    expect(await stage.titles(amina, 'narwhal')).toEqual(['Narwhal plan']);
    expect(await stage.titles(stage.clients[3]!, 'narwhal')).toEqual([]);
  });

  it('is not closed to its members by what everybody else may do, nor to managers', async () => {
    const { core } = stage.test;
    const [containerId, closedTo] = [core.ids.next(), stage.people[1]!.id];
    await note('gannet', { place: { containerId } });
    const grant = (principal: Parameters<typeof core.spaces.grant>[2]['principal']) =>
      core.db.transaction(stage.orgId, (tx) =>
        core.spaces.grant(tx, { spaceId: team, containerId }, { principal, right: 'free-busy' }),
      );
    await grant({ kind: 'organisation' });
    expect(await stage.titles(bruno, 'gannet')).toEqual(['gannet']);
    expect(await stage.titles(amina, 'gannet')).toEqual([]);
    await grant({ kind: 'person', id: closedTo });
    await grant({ kind: 'person', id: stage.people[0]!.id });
    expect(await stage.titles(bruno, 'gannet')).toEqual([]);
    expect(await stage.titles(ines, 'gannet')).toEqual(['gannet']);
  });

  it('is, whatever was granted and taken where, exactly what the one function about rights says', async () => {
    const { core } = stage.test;
    const seed = Math.floor(Math.random() * 2 ** 31);
    let state = seed;
    const pick = <T>(list: readonly T[]): T => {
      state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
      return list[(state >> 8) % list.length] as T;
    };
    const [i, b, a, g] = stage.people as [TestPerson, TestPerson, TestPerson, TestPerson];
    const spaces = [
      await stage.team('One', [i, g], ['manager', 'guest']),
      await stage.team('Two', [b, a], ['manager', 'member']),
      await stage.team('Three', [a, b]),
    ];
    const places = spaces.map((spaceId) => ({
      spaceId,
      containers: [null, core.ids.next(), core.ids.next()],
      folders: [core.ids.next(), core.ids.next(), core.ids.next()],
    }));
    const things = Array.from({ length: 40 }, () => {
      const { spaceId, containers, folders } = pick(places);
      const around = folders.slice(0, pick([0, 1, 2, 3]));
      const itemId = pick([null, core.ids.next()]);
      const id = core.ids.next();
      stage.kept.get('test.note')!.set(id, {
        id,
        place: { spaceId, containerId: pick(containers), around, itemId },
        title: '',
        text: 'guillemot',
        personIds: [],
        container: '',
        at: new Date(),
        path: '/',
      });
      return stage.kept.get('test.note')!.get(id)!;
    });
    for (let round = 0; round < 3; round += 1) {
      await core.db.transaction(stage.orgId, async (tx) => {
        for (let each = 0; each < 12; each += 1) {
          const { place } = pick(things);
          const item = pick([null, ...(place.around ?? []), place.itemId ?? null]);
          await core.spaces.grant(
            tx,
            {
              spaceId: place.spaceId,
              ...(item ? { itemId: item } : { containerId: place.containerId ?? null }),
            },
            {
              principal: pick([
                { kind: 'person' as const, id: pick([i, b, a, g]).id },
                { kind: 'space' as const, id: pick(spaces) },
                { kind: 'organisation' as const },
              ]),
              right: pick(['none', 'free-busy', 'read', 'write'] as const),
            },
          );
        }
      });
      await stage.test.testDb.admin('delete from core.content_reading');
      await stage.search.readAnew();
      for (const [at, person] of stage.people.entries()) {
        const may = await core.db.read(stage.orgId, (tx) =>
          tx.query<{ id: string }>(
            `select t.id from jsonb_to_recordset($2::jsonb) as t (id text, space uuid, container uuid, around uuid[])
             where core.right_within($1, t.space, t.container, t.around) >= 2 order by t.id`,
            [
              person.id,
              JSON.stringify(
                things.map(({ id, place }) => ({
                  id,
                  space: place.spaceId,
                  container: place.containerId ?? null,
                  around: [...(place.around ?? []), ...(place.itemId ? [place.itemId] : [])],
                })),
              ),
            ],
          ),
        );
        const { rows } = await stage.find(stage.clients[at]!, 'guillemot', { limit: 50 });
        expect(rows.map(({ id }) => id).sort(), `seed ${seed}, person ${at}`).toEqual(
          may.map(({ id }) => id),
        );
      }
    }
  });

  it('is gone with the next question when somebody leaves', async () => {
    const { core } = stage.test;
    const place = await stage.team('Leaving', stage.people.slice(0, 3));
    await stage.write('test.note', place, { text: 'cormorant' });
    expect(await stage.titles(amina, 'cormorant')).toEqual(['cormorant']);
    await core.db.transaction(stage.orgId, (tx) => core.spaces.removeMember(tx, place, stage.people[2]!.id));
    expect(await stage.titles(amina, 'cormorant')).toEqual([]);
  });

  it('are people whom a guest does not meet', async () => {
    const guest = stage.clients[3]!;
    const [i, b, , g] = stage.people;
    await stage.team('With a guest', [i!, g!], ['manager', 'guest']);
    for (const [person, title] of [
      [i!, 'Inès Carvalhal'],
      [b!, 'Bruno Carvalhal'],
    ] as const) {
      await stage.write('test.person', stage.orgId, { id: person.id, title, personIds: [person.id] });
    }
    expect((await stage.titles(bruno, 'carvalhal type:person')).sort()).toEqual([
      'Bruno Carvalhal',
      'Inès Carvalhal',
    ]);
    expect(await stage.titles(guest, 'carvalhal')).toEqual(['Inès Carvalhal']);
    expect(await stage.find(guest, 'brunno')).toMatchObject({ rows: [], instead: null });
    expect((await stage.find(guest, 'from:bruno')).remarks).toEqual([
      { is: 'nobody-of-that-name', name: 'bruno' },
    ]);
    expect((await stage.find(guest, 'from:ines')).remarks).toEqual([]);
  });
});

describe('the index', () => {
  it('is written once, however often the same is told', async () => {
    const { test } = stage;
    const id = await note('grebe');
    const [first] = await test.testDb.admin('select xmin::text from search.document where id = $1', [id]);
    await note('grebe', { id, at: stage.kept.get('test.note')!.get(id)!.at });
    expect(await test.testDb.admin('select xmin::text from search.document where id = $1', [id])).toEqual([
      first,
    ]);
    expect(await stage.titles(bruno, 'grebe')).toEqual(['grebe']);
  });

  it('is made anew of all there is, from where it stopped, and twice is once', async () => {
    const { test, orgId } = stage;
    await note('pelican');
    const count = async () =>
      (await test.testDb.admin('select count(*)::int as n from search.document'))[0]!.n as number;
    const before = await count();
    await test.testDb.admin('delete from search.document');
    await test.testDb.admin('delete from core.content_reading');
    await stage.search.readAnew();
    expect(await count()).toBe(before);
    await stage.search.readAnew();
    expect(await stage.titles(bruno, 'pelican')).toEqual(['pelican']);
    const rows = await test.testDb.admin(
      'select kind from core.content_reading where done_at is not null and org_id = $1',
      [orgId],
    );
    expect(rows).toHaveLength(3);
    expect(test.logged).toEqual([]);
  });

  it('forgets a person who is erased, and what went with her', async () => {
    const { test, orgId, search: made, kept, people } = stage;
    const person = people[2]!;
    const id = await note('osprey', { personIds: [person.id] });
    const gone = await note('osprey of hers', { personIds: [person.id] });
    // As its module does when it hears of her: without a name, or gone, and without an event.
    const things = kept.get('test.note')!;
    things.set(id, { ...things.get(id)!, personIds: [] });
    things.delete(gone);
    for (let twice = 0; twice < 2; twice += 1) {
      await test.core.db.transaction(orgId, (tx) => made.personalData.erase(tx, person.id));
      expect(await stage.titles(bruno, 'osprey')).toEqual(['osprey']);
    }
    const left = await test.testDb.admin(
      'select id from search.document where person_ids @> array[$1::uuid]',
      [person.id],
    );
    expect(left).toEqual([]);
  });
});
