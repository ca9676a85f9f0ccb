import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { runBounded } from './bounded-run.ts';

const USAGE = `npm run release -- VERSION [--dry-run]

Makes a release of what is committed: writes CHANGELOG.md from the commits since the last one, the version into package.json
and package-lock.json, commits both and tags the commit. It pushes nothing. VERSION is 1.4.0, or major, minor or patch.`;

/** A version without anything behind it; what is not released has no name. */
const VERSION = /^(0|[1-9]\d{0,4})\.(0|[1-9]\d{0,4})\.(0|[1-9]\d{0,4})$/;
const STEPS = ['major', 'minor', 'patch'] as const;
const BRANCH = 'main';
const GIT_TIMEOUT_MS = 60_000;

export interface Release {
  readonly version: string;
  /** What CHANGELOG.md says of it. */
  readonly notes: string;
}

/** What stops a release, in a sentence for the one who typed it. */
export class ReleaseRefused extends Error {
  override readonly name = 'ReleaseRefused';
}

/**
 * Releases the checkout at `root`, or only says what it would be.
 *
 * @throws ReleaseRefused when the checkout is not one to be released, or the version no next one; nothing is changed then
 */
export async function release(options: {
  root: string;
  asked: string;
  isDryRun: boolean;
  today: Date;
}): Promise<Release> {
  const { root, asked, isDryRun, today } = options;
  const git = (...args: string[]) => gitIn(root, args);
  const current = versionIn(root);
  const version = nextVersion(current, asked);
  const last = await lastRelease(git);
  if (last === undefined ? compare(version, current) < 0 : compare(version, last) <= 0) {
    throw new ReleaseRefused(`${version} is not after ${last ?? current} · name a later version`);
  }
  const branch = (await git('rev-parse', '--abbrev-ref', 'HEAD')).trim();
  if (branch !== BRANCH) {
    throw new ReleaseRefused(`this is the branch ${branch} · releases are made from ${BRANCH}`);
  }
  const changed = (await git('status', '--porcelain')).trim();
  if (changed !== '') {
    const [first = ''] = changed.split('\n');
    throw new ReleaseRefused(`not everything is committed (${first.trim()}) · commit or undo it first`);
  }
  const range = last === undefined ? 'HEAD' : `v${last}..HEAD`;
  const subjects = (await git('log', '--reverse', '--no-merges', '--format=%s', range)).split('\n');
  const notes = notesFrom(subjects);
  if (notes === '')
    throw new ReleaseRefused(`nothing was committed since ${last} · there is nothing to release`);
  if (isDryRun) return { version, notes };

  writeVersion(root, version);
  writeChangelog(root, version, notes, today);
  await git('add', '--', 'package.json', 'package-lock.json', 'CHANGELOG.md');
  await git('commit', '--quiet', '-m', `release: ${version}.`);
  await git('tag', '--annotate', `v${version}`, '-m', `Liaison ${version}`);
  return { version, notes };
}

export function nextVersion(current: string, asked: string): string {
  if (VERSION.test(asked)) return asked;
  const step = (STEPS as readonly string[]).indexOf(asked);
  if (step < 0)
    throw new ReleaseRefused(`"${asked}" is no version · write one such as 1.4.0, or major, minor or patch`);
  return numbersOf(current)
    .map((number, at) => (at < step ? number : at === step ? number + 1 : 0))
    .join('.');
}

const numbersOf = (version: string): number[] => version.split('.').map(Number);

function compare(a: string, b: string): number {
  const [left, right] = [numbersOf(a), numbersOf(b)];
  return left.map((number, at) => number - (right[at] ?? 0)).find((difference) => difference !== 0) ?? 0;
}

/** The commits' own sentences, each under the part that it names, parts in order of their names. */
export function notesFrom(subjects: readonly string[]): string {
  const byPart = new Map<string, string[]>();
  for (const subject of subjects) {
    const [, part, sentence] = /^([a-z][a-z0-9, -]*): (.+)$/.exec(subject.trim()) ?? [];
    if (part === undefined || sentence === undefined || part === 'release') continue;
    byPart.set(part, [...(byPart.get(part) ?? []), sentence]);
  }
  return [...byPart]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([part, sentences]) => [`### ${part}`, '', ...sentences.map((each) => `- ${each}`), ''].join('\n'))
    .join('\n');
}

function versionIn(root: string): string {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version?: string };
  if (version === undefined || !VERSION.test(version)) {
    throw new ReleaseRefused(`package.json says version ${version} · mend it by hand`);
  }
  return version;
}

/** The highest version that this history was tagged with. */
async function lastRelease(git: (...args: string[]) => Promise<string>): Promise<string | undefined> {
  const tags = (await git('tag', '--list', 'v*', '--merged', 'HEAD')).split('\n');
  return tags
    .map((tag) => tag.trim().slice(1))
    .filter((version) => VERSION.test(version))
    .toSorted(compare)
    .at(-1);
}

/** Only the two places that name it, so that a release's difference can be read. */
function writeVersion(root: string, version: string): void {
  const change = (name: string, write: (json: Record<string, unknown>) => void) => {
    const file = join(root, name);
    const json = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    write(json);
    writeFileSync(file, `${JSON.stringify(json, undefined, 2)}\n`);
  };
  change('package.json', (json) => {
    json.version = version;
  });
  change('package-lock.json', (json) => {
    json.version = version;
    const root = (json.packages as Record<string, Record<string, unknown>>)[''];
    if (root !== undefined) root.version = version;
  });
}

const CHANGELOG_HEAD =
  '# Changelog\n\nWhat each release brought, newest first; written by `npm run release`.\n';

function writeChangelog(root: string, version: string, notes: string, today: Date): void {
  const file = join(root, 'CHANGELOG.md');
  const before = existsSync(file) ? readFileSync(file, 'utf8') : CHANGELOG_HEAD;
  const at = before.indexOf('\n## ');
  const [head, older] = at < 0 ? [before, ''] : [before.slice(0, at), before.slice(at)];
  const day = today.toISOString().slice(0, 10);
  writeFileSync(file, `${head.trimEnd()}\n\n## ${version} (${day})\n\n${notes.trimEnd()}\n${older}`);
}

async function gitIn(root: string, args: string[]): Promise<string> {
  const run = await runBounded({
    command: 'git',
    args: ['-C', root, ...args],
    timeoutMs: GIT_TIMEOUT_MS,
    output: 'keep',
  });
  if (run.status !== 0) {
    throw new ReleaseRefused(`git ${args[0]}: ${run.fault ?? run.output.trim().split('\n').at(-1)}`);
  }
  return run.output;
}

if (import.meta.main) {
  const { values, positionals } = parseArgs({
    options: { 'dry-run': { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const [asked, ...rest] = positionals;
  if (values.help || asked === undefined || rest.length > 0) {
    console.log(USAGE);
    process.exit(values.help ? 0 : 2);
  }
  const root = resolve(import.meta.dirname, '..');
  try {
    const isDryRun = values['dry-run'];
    const { version, notes } = await release({ root, asked, isDryRun, today: new Date() });
    console.log(notes);
    console.log(
      isDryRun
        ? `This would be ${version}. Nothing was changed.`
        : `${version} is committed and tagged here. Publish it:  git push --follow-tags origin ${BRANCH}`,
    );
  } catch (error) {
    if (!(error instanceof ReleaseRefused)) throw error;
    console.error(error.message);
    process.exit(1);
  }
}
