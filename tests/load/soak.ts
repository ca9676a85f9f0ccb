// npm run soak [-- --minutes N] [--people N]: does it stay flat? People write, pages come and go; memory is watched. In the end a
// backup of it is restored into a fresh installation, and everything that was said is looked for there.
// npm run soak -- calls [--minutes N] [--per-second N]: the same for calls between telephones, at half of what `bench -- sip-call`
// found here last unless told otherwise.
// npm run soak -- uploads [--uploads N] [--largest-mb N] [--seed N]: cut in their middle by connection, kill -9 and reload.
// npm run soak -- site [--only STEP,…] [--minutes N]: a site on three Docker engines, broken on purpose.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createIdentity } from '@liaison/core/backup';
import { openLiaisonRoom } from './chat/liaison-room.ts';
import { textOf } from './chat/marker.ts';
import { scratchFolder, seedInstallation } from './measure/installation.ts';
import { memoryOf, processTree } from './measure/process-tree.ts';
import { table, writeReport } from './measure/report.ts';
import { compare, readConversation, restoreElsewhere, runLiaison } from './measure/restored.ts';
import { startServer } from './measure/server.ts';
import { halfTheKnee } from './sip/knee.ts';
import { soakCalls } from './sip/soak-calls.ts';

if (process.argv[2] === 'site') {
  const { soakSite } = await import('./site/soak-site.ts');
  process.exit(await soakSite(process.argv.slice(3)));
}
if (process.argv[2] === 'hostile') {
  const { runHostile } = await import('./hostile.ts');
  process.exit(await runHostile(process.argv.slice(3)));
}
if (process.argv[2] === 'uploads') {
  const { runUploads } = await import('./uploads/run.ts');
  process.exit(await runUploads(process.argv.slice(3)));
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    minutes: { type: 'string' },
    people: { type: 'string', default: '50' },
    'per-second': { type: 'string' },
  },
});
const isCalls = positionals[0] === 'calls';
const minutes = Number(values.minutes ?? (isCalls ? 30 : 10));
const callsPerSecond = Number(values['per-second'] ?? (await halfTheKnee()));
const people = Number(values.people);
if (
  !(minutes > 0 && minutes <= 1440) ||
  !(callsPerSecond >= 1 && callsPerSecond <= 1000) ||
  (positionals.length > 0 && !isCalls) ||
  !Number.isInteger(people) ||
  people < 2 ||
  people > 2000
) {
  process.stderr.write(
    'npm run soak [-- --minutes 1..1440] [--people 2..2000]\nnpm run soak -- calls [--minutes 1..1440] [--per-second 1..1000]\nnpm run soak -- uploads [--uploads 1..10000]\n',
  );
  process.exit(2);
}

if (isCalls) {
  const say = (line: string) => void process.stdout.write(`  ${line}\n`);
  const outcome = await soakCalls({ minutes, perSecond: callsPerSecond, say });
  process.stdout.write(
    `\n${table(outcome.rows)}\n\n${outcome.notes.map((note) => `- ${note}`).join('\n')}\n`,
  );
  process.stdout.write(`\n${await writeReport('soak-calls', outcome)}\n`);
  if (outcome.void !== undefined) process.stderr.write(`VOID: ${outcome.void}\n`);
  const missed = outcome.rows.filter(({ met }) => met === false);
  for (const { metric } of missed) process.stderr.write(`FAILED: ${metric}\n`);
  process.exit(missed.length === 0 && outcome.void === undefined ? 0 : 1);
}

/** More growth than this from the second quarter of the time to its end is a leak until somebody shows otherwise. */
const allowedGrowth = 1.15;
const perSecond = 5;

const { folder, remove } = await scratchFolder('soak');
let failure: string | undefined;
try {
  const dataFolder = join(folder, 'data');
  const seeded = await seedInstallation(dataFolder, { people, rooms: [people] });
  const server = await startServer({ dataFolder, pin: false });
  const room = seeded.rooms[0]!;
  let number = 0;
  try {
    const open = () =>
      openLiaisonRoom({
        url: server.url,
        conversationId: room.conversationId,
        cookies: room.members.map((member) => member.cookie),
      });
    const end = performance.now() + minutes * 60_000;
    const cycleMs = Math.min(60_000, (minutes * 60_000) / 8);
    const samples: number[] = [];
    while (performance.now() < end) {
      // Every cycle all pages are opened anew, so that what a closed page leaves behind is seen.
      const pages = await open();
      let received = 0;
      let sent = 0;
      pages.onReceived(() => {
        received += 1;
      });
      const cycleEnd = performance.now() + cycleMs;
      while (performance.now() < cycleEnd) {
        await pages.send(number % people, number);
        number += 1;
        sent += 1;
        await new Promise((resolve) => setTimeout(resolve, 1000 / perSecond));
      }
      const deadline = performance.now() + 10_000;
      while (received < sent * people && performance.now() < deadline)
        await new Promise((resolve) => setTimeout(resolve, 20));
      pages.close();
      if (received !== sent * people) failure ??= `${sent * people - received} deliveries were lost`;
      const bytes = memoryOf(server.pid).reduce((sum, each) => sum + each.pssBytes, 0);
      samples.push(bytes);
      process.stdout.write(
        `  ${new Date().toISOString()}  ${number} messages  ${(bytes / 2 ** 20).toFixed(0)} MB  ${processTree(server.pid).cpuSeconds.toFixed(0)} CPU-s\n`,
      );
    }
    const settled = samples[Math.floor(samples.length / 4)]!;
    const growth = samples.at(-1)! / settled;
    process.stdout.write(`\nmemory at the end is ${growth.toFixed(2)} times that of the first quarter\n`);
    if (growth > allowedGrowth) failure ??= 'memory grows';
  } finally {
    await server.stop();
  }
  const { identity, recipient } = await createIdentity();
  const place = join(folder, 'backups');
  await runLiaison(dataFolder, ['backup'], {
    LIAISON_BACKUP_TO: place,
    LIAISON_BACKUP_RECIPIENT: recipient,
  });
  const restored = await restoreElsewhere({ place, identity });
  try {
    const found = await readConversation(restored.url, room.conversationId, room.members[0]!.cookie);
    const said = Array.from({ length: number }, (_, at) => textOf(at));
    const { missing, doubled } = compare(said, found);
    process.stdout.write(
      `restored into a fresh installation in ${restored.seconds.toFixed(1)} s: of ${number} messages ${missing} are missing, ${doubled} there twice\n`,
    );
    if (missing + doubled + (found.length - number) !== 0)
      failure ??= 'what was restored is not what was said';
  } finally {
    await restored.close();
  }
} finally {
  await remove();
}
if (failure !== undefined) {
  process.stderr.write(`FAILED: ${failure}\n`);
  process.exitCode = 1;
}
