import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { readIdentities } from '@liaison/core/backup';
import { type Command, type CommandContext, UsageError } from '@liaison/core/cli';
import { StartError } from '@liaison/core/config';
import type { Site } from '../contract/index.ts';
import type { DescribedSite, FilePlan, RenderedSite } from '../server/index.ts';
import { operateFlags, readWords } from './arguments.ts';
import { openSite, runOperation, siteValues, stepsLeftOut, talkOf } from './on-site.ts';

interface Asked {
  readonly verb: 'plan' | 'render';
  readonly named: string;
  readonly out: string | undefined;
  readonly replace: boolean;
}

const usage =
  'plan|render SITE [--out FOLDER] [--replace] | create|deploy SITE [--yes] | restore SITE --identity FILE [--until TIME] [--base ID] [--over] [--without STEP,…] [--yes]';

function readArguments(args: readonly string[]): Asked {
  const [verb, ...rest] = args;
  if (verb !== 'plan' && verb !== 'render')
    throw new UsageError('say plan, render, create, deploy or restore');
  let named: string | undefined;
  let out: string | undefined;
  let replace = false;
  for (let at = 0; at < rest.length; at++) {
    const word = rest[at] ?? '';
    if (word === '--replace') replace = true;
    else if (word === '--out') {
      at += 1;
      out = rest[at];
      if (out === undefined || out === '') throw new UsageError('--out needs a folder');
    } else if (word.startsWith('-')) throw new UsageError(`${word} is not an option`);
    else if (named === undefined) named = word;
    else throw new UsageError('name one site');
  }
  if (named === undefined) throw new UsageError('name a site: a folder of deploy/sites');
  return { verb, named, out, replace };
}

/** Renders the files of a site, or says what rendering them would change. */
export const site: Command = {
  name: 'site',
  usage,
  summary:
    'Write the files of a described site (plan: say what would differ), create it on prepared machines, deploy a change, or restore a backup into it',
  async run(context, args) {
    const [verb = ''] = args;
    if (verb === 'create' || verb === 'deploy') return deploySite(context, verb, args.slice(1));
    if (verb === 'restore') return restoreSite(context, args.slice(1));
    const asked = readArguments(args);
    const { loadDeployment } = await import('../server/index.ts');
    const { sites, folder } = await loadDeployment(asked.named);
    const out = asked.out === undefined ? join(folder, 'rendered') : resolve(asked.out);
    for (const one of sites) {
      // A deployment of several sites has a folder for each.
      const place = sites.length === 1 ? out : join(out, one.site.id);
      await showOrWrite({ context, one, folder: place, asked });
    }
  },
};

/** Brings a site to what is described; `create` begins where nothing is yet. */
async function deploySite(
  context: CommandContext,
  verb: 'create' | 'deploy',
  args: readonly string[],
): Promise<void> {
  const words = readWords(args, { names: ['SITE'], flags: operateFlags, values: siteValues });
  const [named = ''] = words.names;
  const at = await openSite(context, named, words);
  const { checkCertificate, checkDeployed, createSite, planSite } = await import('../server/index.ts');
  await checkCertificate(at.now.site, join(at.rendered, 'secrets'));
  if (verb === 'create' && !(await createSite(at, talkOf(context, words.has('--yes'))))) return;
  await runOperation({
    context,
    at,
    command: ['site', verb, named],
    words,
    plan(view) {
      if (verb === 'deploy') checkDeployed(view);
      return planSite(view);
    },
  });
}

/** Brings a backup into the site's own database; see `planRestore`. */
async function restoreSite(context: CommandContext, args: readonly string[]): Promise<void> {
  const words = readWords(args, {
    names: ['SITE'],
    flags: [...operateFlags, '--over'],
    values: [...siteValues, '--identity', '--until', '--base', '--without'],
  });
  const [named = ''] = words.names;
  const [file, base] = [words.value('--identity'), words.value('--base')];
  if (file === undefined) throw new UsageError('name the file of the identity with --identity');
  const until = momentOf(words.value('--until'));
  const identity = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new StartError({ what: `${file} cannot be read`, mend: 'name the file with the identity', cause });
  });
  readIdentities(identity, file);
  const at = await openSite(context, named, words);
  const { createSite, planRestore } = await import('../server/index.ts');
  if (!(await createSite(at, talkOf(context, words.has('--yes'))))) return;
  await runOperation({
    context,
    at,
    command: [
      ...['site', 'restore', named],
      ...(until === undefined ? [] : ['--until', until]),
      ...(base === undefined ? [] : ['--base', base]),
    ],
    words,
    identity,
    plan: (view) =>
      planRestore(view, {
        identity,
        until,
        base,
        over: words.has('--over'),
        without: stepsLeftOut(words) ?? [],
      }),
    after() {
      context.print(`${at.swarm.stack} runs on what was restored, and the doctor found nothing wrong.`);
    },
  });
}

/** A moment with its zone: without one nobody could tell which is meant. */
function momentOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const time = new Date(text);
  if (/T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(text) && !Number.isNaN(time.getTime()))
    return time.toISOString();
  throw new UsageError('write --until as 2026-11-23T08:15:00Z, or with +01:00 in place of Z');
}

async function showOrWrite(options: {
  context: CommandContext;
  one: DescribedSite;
  folder: string;
  asked: Asked;
}): Promise<void> {
  const { context, one, folder, asked } = options;
  const { deployment, site: described } = one;
  // Only for this command: every other one starts without.
  const server = await import('../server/index.ts');
  const { checkCertificate, dockerArguments, planFolder, readSecrets, renderDescribed, writeFolder } = server;
  const { print } = context;
  const names = renderDescribed(one, () => '').secrets;
  const secretsFolder = join(folder, 'secrets');
  await checkCertificate(described, secretsFolder);
  const seen = await readSecrets({ site: described, names, folder: secretsFolder, make: false });
  let rendered = renderDescribed(one, seen.mark);
  let plans = await planFolder(folder, rendered.files);
  const byHand = plans.filter(({ state }) => state === 'by-hand');
  print(
    `${rendered.name} ${deployment.version}: ${described.nodes.length} nodes, ${rendered.services} services, in ${folder}`,
  );
  if (byHand.length > 0 && !asked.replace) {
    for (const line of byHand.flatMap(planLines)) print(line);
    throw new StartError({
      what: `${byHand.map(({ path }) => path).join(', ')}: changed by hand, against the description`,
      mend: 'bring the change into site.ts, or drop it with --replace',
    });
  }
  if (asked.verb === 'render') {
    const made = seen.toMake;
    const secrets = await readSecrets({ site: described, names, folder: secretsFolder, make: true });
    rendered = renderDescribed(one, secrets.mark);
    plans = await planFolder(folder, rendered.files);
    await writeFolder(folder, rendered.files);
    for (const line of plans.flatMap(planLines)) print(line);
    if (made.length > 0)
      print(`Made the secrets ${made.join(', ')}: keep ${secretsFolder} safe, and a copy of it.`);
    for (const line of nextSteps({ described, rendered, folder, dockerArguments })) print(line);
    return;
  }
  for (const line of plans.flatMap(planLines)) print(line);
  if (plans.every(({ state }) => state === 'same')) print('Nothing differs from the description.');
  if (seen.toMake.length > 0) print(`Will be made: the secrets ${seen.toMake.join(', ')}.`);
}

const words: Record<FilePlan['state'], string> = {
  new: 'is new',
  same: 'stays',
  changed: 'changes',
  'by-hand': 'was changed by hand',
  gone: 'is not needed any more',
};

/** Of a long difference the beginning tells enough. */
const mostLines = 40;

function planLines({ path, state, changes }: FilePlan): string[] {
  if (state === 'same') return [];
  const lines = state === 'gone' ? [] : changes.slice(0, mostLines);
  const more = state === 'gone' ? 0 : changes.length - lines.length;
  return [
    `  ${path} ${words[state]}`,
    ...lines.map(
      ({ kind, line, text }) => `    ${String(line).padStart(4)} ${kind === 'added' ? '+' : '-'} ${text}`,
    ),
    ...(more > 0 ? [`         … and ${more} more lines`] : []),
  ];
}

/** Told and not done: which engine and when is the operator's to say. */
function nextSteps(options: {
  described: Site;
  rendered: RenderedSite;
  folder: string;
  dockerArguments: (address: string) => string[];
}): string[] {
  const { described, rendered, folder, dockerArguments } = options;
  const file = join(folder, rendered.main);
  if (rendered.main === 'compose.yaml') return ['Next:', `  docker compose --file ${file} up --detach`];
  const manager = described.nodes.find((node) => node.manager);
  const docker = ['docker', ...dockerArguments(manager?.docker ?? '')].join(' ');
  return [
    'Next:',
    ...[...rendered.labels].map(
      ([node, labels]) =>
        `  ${docker} node update ${labels.map((label) => `--label-add ${label}=yes`).join(' ')} ${node}`,
    ),
    `  ${docker} stack deploy --prune --with-registry-auth --compose-file ${file} ${rendered.name}`,
  ];
}
