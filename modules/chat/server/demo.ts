import { Readable } from 'node:stream';
import type { PersonActor } from '@liaison/core/contract';
import type { Core } from '@liaison/core/floor';
import type { SentFiles } from '@liaison/files';
import { sql } from 'kysely';
import { messageSent } from '../contract/index.ts';
import { attach } from './actions/send-message.ts';
import { addAttachment, type StoredFile, storeFile } from './attachments.ts';
import { type DemoSentFile, swellForecast, tideTable } from './demo-files.ts';
import { mentionsIn } from './mentions.ts';
import type { ChatTables } from './tables.ts';

/** The demo's people and teams by short name, as the people module made them. */
export interface DemoCast {
  readonly orgId: string;
  /** Id and name by the short key of a person of the demo. */
  person(key: string): { id: string; name: string };
  /** Id of the space of a team by its name. */
  team(name: string): string;
}

interface Line {
  /** Who speaks. */
  readonly by: string;
  /** Minutes before now. */
  readonly ago: number;
  /** `@key` mentions somebody. */
  readonly say: string;
  readonly react?: Record<string, readonly string[]>;
  readonly file?: DemoSentFile;
  readonly thread?: readonly Omit<Line, 'thread'>[];
}

const day = 24 * 60;

const teams: Record<string, readonly Line[]> = {
  'Port study Leixal': [
    {
      by: 'hoa',
      ago: 2 * day + 300,
      say: 'Tide tables for June are in the shared folder, both formats. I am on land until the 20th.',
    },
    {
      by: 'mateus',
      ago: 2 * day + 280,
      say: 'Obrigado, Hoa. Os dois marégrafos foram limpos ontem, fotos na pasta **campo**.',
    },
    {
      by: 'njeri',
      ago: day + 420,
      say: 'Good morning. The 2019 gauge was moved 40 m upstream, so the two series can’t be joined without a correction. I wrote it up in *Séries de niveaux*.',
      react: { '👀': ['beatriz', 'ines'] },
    },
    {
      by: 'beatriz',
      ago: day + 400,
      say: 'Perfeito, era isso que faltava. Refaço o modelo hoje com a correção da Njeri e mando o mapa de correntes antes das 15h.',
    },
    {
      by: 'ines',
      ago: day + 390,
      say: 'Thank you both. What it needs for the review:\n\n- the corrected series, 2019 to today\n- one map per season\n- a line on what we do **not** know',
      react: { '👍': ['beatriz', 'njeri', 'tomas'] },
    },
    {
      by: 'tomas',
      ago: day + 60,
      say: 'The port authority confirmed the slot for the buoys: Tuesday, 06:00 to 14:00.',
    },
    {
      by: 'amina',
      ago: 64,
      say: '@ines la houle passe sous 0,8 m dès mardi. On peut mouiller les deux capteurs si Joaquín confirme le bateau.',
      file: swellForecast,
      react: {
        '✅': ['njeri', 'mateus', 'tomas', 'hoa'],
        '👀': ['beatriz'],
      },
      thread: [
        {
          by: 'joaquin',
          ago: 63,
          say: 'Lo confirmo en una hora, falta el parte de la capitanía.',
        },
        { by: 'tomas', ago: 61, say: 'Annex 3 is signed on our side. Nothing blocks Tuesday.' },
        { by: 'amina', ago: 60, say: 'Parfait. Je préviens Kofi pour les flacons.' },
      ],
    },
    {
      by: 'joaquin',
      ago: 42,
      say: 'Barco confirmado para el martes a las 06:00. Llevo el perfilador y dos boyas de repuesto.',
    },
    {
      by: 'tomas',
      ago: 40,
      say: 'Insurance covers the buoys since Monday. @claire has the certificate; I can’t call her before three.',
    },
  ],
  'Field operations': [
    {
      by: 'mateus',
      ago: 3 * day,
      say: 'Novo horário das saídas até sexta: 05:30 no cais, como em março.',
    },
    {
      by: 'kofi',
      ago: day + 30,
      say: 'We need forty more bottles of 500 ml, the last crate came broken.',
    },
    {
      by: 'dalva',
      ago: day + 12,
      say: 'Pedido feito, chegam quinta a Dakar. Mando o número do envio quando sair.',
    },
    {
      by: 'amina',
      ago: 150,
      say: 'Le camion est réservé pour mardi 4 h. Qui peut ouvrir le hangar ?',
    },
    { by: 'kofi', ago: 98, say: 'I have the key. Samples left Dakar at noon.' },
  ],
  'IT support': [
    {
      by: 'mateus',
      ago: 5 * day,
      say: 'Os telefones de Montréal passaram para a nova rede esta manhã. Se alguma coisa estalar, digam.',
    },
    { by: 'claire', ago: 5 * day - 40, say: 'Le mien est parfait, merci.' },
    {
      by: 'mateus',
      ago: 170,
      say: 'Reminder: add a second factor before Friday. *Settings, Security*, two minutes.',
      react: { '👍': ['ines', 'claire'] },
    },
  ],
  'Dirección y legal': [
    {
      by: 'ines',
      ago: 2 * day,
      say: 'La nota de prensa está lista, sale cuando la dirección diga que sí.',
    },
    {
      by: 'ingrid',
      ago: 2 * day - 30,
      say: 'Yes from me, with the second title. Claire, does the licence line stay?',
    },
    { by: 'claire', ago: 2 * day - 50, say: 'Se queda. Versión final en Páginas.' },
  ],
};

const directs: readonly { between: readonly [string, string]; lines: readonly Line[] }[] = [
  {
    between: ['ines', 'beatriz'],
    lines: [
      { by: 'ines', ago: day + 90, say: 'Consegues mandar-me a versão de ontem antes da reunião?' },
      { by: 'beatriz', ago: day + 85, say: 'Claro. Já está na pasta, com a legenda nova.' },
      { by: 'beatriz', ago: 55, say: 'Ligo-te quando o modelo acabar de correr.' },
    ],
  },
  {
    between: ['ines', 'tomas'],
    lines: [
      { by: 'tomas', ago: 75, say: 'A capitania pede a apólice em papel. Levo eu.' },
      { by: 'tomas', ago: 68, say: 'The annex is signed, sending it over.' },
    ],
  },
  {
    between: ['ines', 'njeri'],
    lines: [
      { by: 'njeri', ago: 140, say: 'Do you want the raw series too, or only the corrected one?' },
      { by: 'ines', ago: 110, say: 'Both please. Happy to walk through it at three.' },
    ],
  },
  {
    between: ['ines', 'hoa'],
    lines: [
      {
        by: 'hoa',
        ago: 320,
        say: 'Tide tables are in the shared folder, here is next month. Back online tomorrow morning, Manila time.',
        file: tideTable,
      },
    ],
  },
  {
    between: ['amina', 'kofi'],
    lines: [
      {
        by: 'amina',
        ago: 58,
        say: 'Mardi, 4 h au hangar : tu peux préparer quarante flacons ?',
      },
      { by: 'kofi', ago: 50, say: 'Ils seront prêts lundi soir.' },
    ],
  },
  {
    between: ['amina', 'joaquin'],
    lines: [{ by: 'joaquin', ago: 240, say: 'Zarpamos el lunes si el viento afloja.' }],
  },
];

/** Fills the demo's conversations with history. Does nothing where somebody has written already. */
export async function fillDemoChat(core: Core, cast: DemoCast, files: SentFiles): Promise<void> {
  const { db, spaces, ids, outbox } = core;
  const nowMs = Date.now();
  // Blobs first, rows after them, as everywhere.
  const stored = new Map<DemoSentFile, StoredFile>();
  for (const file of [swellForecast, tideTable]) {
    const body = Readable.from([await file.make()]);
    stored.set(file, await storeFile(core.blobs, body, AbortSignal.timeout(60_000)));
  }
  await db.transaction(cast.orgId, async (tx) => {
    const chat = tx.as<ChatTables>();
    const there = await chat.selectFrom('chat.message').select('id').limit(1).executeTakeFirst();
    if (there) return;

    const withMentions = (text: string) =>
      text.replace(/@([a-z]+)/g, (_all, key: string) => {
        const { id, name } = cast.person(key);
        return `@[${name}](person:${id})`;
      });
    const at = (ago: number) => new Date(nowMs - ago * 60_000);

    async function conversation(spaceId: string, kind: 'direct' | 'team', title: string): Promise<string> {
      // The reaction that gives each team its conversation takes the same lock: whoever comes second finds one.
      await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 1))', [spaceId]);
      const found = await chat
        .selectFrom('chat.conversation')
        .select('id')
        .where('space_id', '=', spaceId)
        .executeTakeFirst();
      if (found) return found.id;
      const id = ids.next();
      await chat
        .insertInto('chat.conversation')
        .values({
          id,
          org_id: cast.orgId,
          space_id: spaceId,
          home_site: core.settings.site.number,
          kind,
          title,
          last_message_id: null,
        })
        .execute();
      return id;
    }

    async function send(
      spaceId: string,
      conversationId: string,
      messageId: string,
      by: string,
      file: DemoSentFile,
    ): Promise<void> {
      const { id: personId } = cast.person(by);
      const actor: PersonActor = {
        kind: 'person',
        orgId: cast.orgId,
        personId,
        sessionId: personId,
        role: 'member',
      };
      const id = ids.next();
      const { name, mediaType } = file;
      await addAttachment(tx, actor, { ...stored.get(file)!, id, conversationId, name, mediaType });
      await attach(tx, files, actor, { id: conversationId, spaceId }, messageId, [id]);
    }

    async function write(spaceId: string, conversationId: string, lines: readonly Line[]): Promise<void> {
      let seq = 0;
      let lastId: string | null = null;
      let lastAt = at(0);
      const flat = lines.flatMap((line) => [
        { line, under: null as Line | null },
        ...(line.thread ?? []).map((reply) => ({ line: reply, under: line })),
      ]);
      const written = new Map<Line, string>();
      for (const { line, under } of flat) {
        seq += 1;
        const id = ids.next();
        const body = withMentions(line.say);
        if (line.file) await send(spaceId, conversationId, id, line.by, line.file);
        await chat
          .insertInto('chat.message')
          .values({
            id,
            org_id: cast.orgId,
            conversation_id: conversationId,
            seq,
            author_id: cast.person(line.by).id,
            client_key: ids.next(),
            body,
            mentions: mentionsIn(body),
            thread_id: under ? written.get(under)! : null,
            sent_at: at(line.ago),
          })
          .execute();
        written.set(line, id);
        const { id: personId } = cast.person(line.by);
        outbox.emit(
          tx,
          messageSent,
          { spaceId, conversationId, messageId: id, seq, version: 1 },
          { personId },
        );
        await tx.query(
          "update chat.message set words = to_tsvector('simple', public.unaccent(body)) where id = $1",
          [id],
        );
        for (const [emoji, givers] of Object.entries(line.react ?? {})) {
          for (const giver of givers) {
            await chat
              .insertInto('chat.reaction')
              .values({
                org_id: cast.orgId,
                message_id: id,
                person_id: cast.person(giver).id,
                emoji,
                at: at(line.ago - 1),
              })
              .execute();
          }
        }
        if (under) {
          await chat
            .updateTable('chat.message')
            .set({
              replies: sql<number>`replies + 1`,
              last_reply_at: at(line.ago),
              repliers: sql<
                string[]
              >`(array[${cast.person(line.by).id}::uuid] || array_remove(repliers, ${cast.person(line.by).id}::uuid))[1:3]`,
            })
            .where('id', '=', written.get(under)!)
            .execute();
        } else {
          lastId = id;
          lastAt = at(line.ago);
        }
      }
      await chat
        .updateTable('chat.conversation')
        .set({ last_seq: seq, last_message_id: lastId, last_at: lastAt })
        .where('id', '=', conversationId)
        .execute();
      // Everybody has read what is older than an hour and a half: the rest greets them as new.
      await tx.query(
        `insert into chat.read_state (org_id, conversation_id, person_id, read_seq)
         select c.org_id, c.id, m.person_id,
           coalesce((select max(seq) from chat.message where conversation_id = c.id and (sent_at < $2 or author_id = m.person_id)), 0)
         from chat.conversation c join core.member m on m.space_id = c.space_id where c.id = $1
         on conflict do nothing`,
        [conversationId, at(90)],
      );
    }

    for (const [name, lines] of Object.entries(teams)) {
      const spaceId = cast.team(name);
      await write(spaceId, await conversation(spaceId, 'team', name), lines);
    }
    for (const { between, lines } of directs) {
      const members = between.map((key) => cast.person(key).id);
      const space = await spaces.create(tx, {
        kind: 'direct',
        name: '',
        members: members.map((personId) => ({ personId, role: 'member' as const })),
      });
      const id = await conversation(space.id, 'direct', '');
      const [oneId, otherId] = [...members].sort() as [string, string];
      await chat
        .insertInto('chat.direct')
        .values({ org_id: cast.orgId, one_id: oneId, other_id: otherId, conversation_id: id })
        .execute();
      await write(space.id, id, lines);
    }
  });
}
