import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nextVersion, notesFrom, ReleaseRefused, release } from './release.ts';

let root: string;
const today = new Date('2026-11-30T09:00:00Z');
const git = (...args: string[]) => execFileSync('git', ['-C', root, ...args], { encoding: 'utf8' });
const read = (name: string) => readFileSync(join(root, name), 'utf8');
const commit = (subject: string) => git('commit', '--quiet', '--allow-empty', '-m', subject);
const make = (asked: string, isDryRun = false) => release({ root, asked, isDryRun, today });

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'liaison-release-'));
  git('init', '--quiet', '--initial-branch', 'main');
  git('config', 'user.name', 'Estuaria');
  git('config', 'user.email', 'post@estuaria.example');
  writeFileSync(join(root, 'package.json'), '{\n  "name": "liaison",\n  "version": "0.1.0"\n}\n');
  const lock = {
    name: 'liaison',
    version: '0.1.0',
    packages: { '': { version: '0.1.0' }, x: { version: '0.1.0' } },
  };
  writeFileSync(join(root, 'package-lock.json'), `${JSON.stringify(lock, undefined, 2)}\n`);
  git('add', '.');
  commit('root: The first files.');
  commit('chat: Messages have an order.');
  commit('calls: A telephone rings.');
  commit('chat: A message can be mended.');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe('a release', () => {
  it('is a commit with the version in both files and the changelog, and a tag on it', async () => {
    expect((await make('0.1.0')).version).toBe('0.1.0');
    expect(await make('0.2.0').catch((error: Error) => error.message)).toMatch(
      /nothing was committed since 0\.1\.0/,
    );
    commit('calls: Two telephones ring.');
    expect((await make('minor')).version).toBe('0.2.0');
    expect(JSON.parse(read('package.json')).version).toBe('0.2.0');
    const lock = JSON.parse(read('package-lock.json'));
    expect([lock.version, lock.packages[''].version, lock.packages.x.version]).toEqual([
      '0.2.0',
      '0.2.0',
      '0.1.0',
    ]);
    expect(git('tag', '--points-at', 'HEAD').trim()).toBe('v0.2.0');
    expect(git('log', '-1', '--format=%s').trim()).toBe('release: 0.2.0.');
    expect(git('status', '--porcelain')).toBe('');
    expect(read('CHANGELOG.md')).toBe(
      [
        '# Changelog',
        '',
        'What each release brought, newest first; written by `npm run release`.',
        '',
        '## 0.2.0 (2026-11-30)',
        '',
        '### calls',
        '',
        '- Two telephones ring.',
        '',
        '## 0.1.0 (2026-11-30)',
        '',
        '### calls',
        '',
        '- A telephone rings.',
        '',
        '### chat',
        '',
        '- Messages have an order.',
        '- A message can be mended.',
        '',
        '### root',
        '',
        '- The first files.',
        '',
      ].join('\n'),
    );
  });

  it('that is only tried changes nothing', async () => {
    const before = git('rev-parse', 'HEAD');
    expect(await make('patch', true)).toMatchObject({
      version: '0.1.1',
      notes: expect.stringContaining('A telephone rings.'),
    });
    expect(git('rev-parse', 'HEAD')).toBe(before);
    expect(git('status', '--porcelain') + git('tag')).toBe('');
  });

  it('is refused, and nothing is changed, with uncommitted work, from another branch, backwards, or twice', async () => {
    await make('1.0.0');
    const before = git('rev-parse', 'HEAD');
    commit('chat: Something new.');
    for (const asked of ['1.0.0', '0.9.9', '1.0', 'v2.0.0', '1.0.0-beta', 'next']) {
      await expect(make(asked), asked).rejects.toThrow(ReleaseRefused);
    }
    writeFileSync(join(root, 'left.txt'), '');
    await expect(make('minor')).rejects.toThrow(/not everything is committed \(\?\? left\.txt\)/);
    rmSync(join(root, 'left.txt'));
    git('switch', '--quiet', '--create', 'trial');
    await expect(make('minor')).rejects.toThrow(/the branch trial/);
    expect(git('rev-parse', 'HEAD~1')).toBe(before);
    expect(git('tag').trim()).toBe('v1.0.0');
  });
});

it('A version follows by its step', () => {
  expect(['major', 'minor', 'patch', '7.0.1'].map((asked) => nextVersion('1.4.9', asked))).toEqual([
    '2.0.0',
    '1.5.0',
    '1.4.10',
    '7.0.1',
  ]);
});

it('Notes leave out what names no part, and releases themselves', () => {
  expect(notesFrom(['release: 1.0.0.', 'Merge branch x', 'calls, sip: Both.', ''])).toBe(
    '### calls, sip\n\n- Both.\n',
  );
});
