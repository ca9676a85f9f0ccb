import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';

const root = resolve(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

interface Job {
  readonly steps?: readonly { readonly uses?: string; readonly run?: string }[];
  readonly script?: readonly string[];
  readonly image?: string;
  readonly needs?: string | readonly string[];
  readonly stage?: string;
  readonly if?: string;
  readonly environment?: string;
  readonly 'runs-on'?: string | readonly string[];
  readonly tags?: readonly string[];
  readonly rules?: readonly { readonly if: string }[];
  readonly container?: { readonly image: string };
}

const github = readdirSync(join(root, '.github/workflows')).map((file) => `.github/workflows/${file}`);
const workflows = [...github, '.gitlab-ci.yml'].map((path) => ({ path, text: read(path) }));

it('Every workflow tries a change by `.ci/run` and by nothing else', () => {
  for (const { path, text } of workflows) {
    expect(text, path).toMatch(/^\s+- (?:run: )?\.ci\/run$|^\s+run: \.ci\/run$/m);
    expect(text, path).not.toMatch(/npm (?:ci|test|install)|vitest|playwright/);
  }
});

it('Whatever others wrote and a workflow runs is pinned: actions by their commit, images by a version', () => {
  let pinned = 0;
  for (const { path, text } of workflows) {
    for (const [, action] of text.matchAll(/uses: (\S+)/g)) {
      pinned += 1;
      expect(action, path).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/);
    }
    for (const [, image] of text.matchAll(/(?:image|name|COSIGN): ((?:[\w.-]+\/)*[\w-]+:\S+)/g)) {
      pinned += 1;
      expect(image, path).toMatch(/:v?\d+\.\d+/);
    }
  }
  expect(pinned).toBeGreaterThan(6);
});

it('On GitHub a workflow may read and no more, but where a release is published; that comes after all tests', () => {
  for (const path of github) {
    const workflow = parse(read(path)) as {
      permissions: object;
      jobs: Record<string, Job & { permissions?: object }>;
    };
    expect(workflow.permissions, path).toEqual({ contents: 'read' });
    for (const [name, job] of Object.entries(workflow.jobs)) {
      if (job.permissions === undefined) continue;
      expect(path).toBe('.github/workflows/release.yml');
      expect([
        ['image', 'test'],
        ['publish', ['image', 'staging']],
      ]).toContainEqual([name, job.needs]);
    }
  }
});

it('A release is built by the one script that builds images, signed, with its bill of materials', () => {
  const released = workflows.filter(({ text }) => text.includes('cosign'));
  expect(released.map(({ path }) => path)).toEqual(['.github/workflows/release.yml', '.gitlab-ci.yml']);
  for (const { path, text } of released) {
    expect(text, path).toContain('deploy/image/build.sh');
    expect(text, path).toMatch(/sign --yes/);
    expect(text, path).toMatch(/attest --yes --type cyclonedx --predicate \S+sbom\.cdx\.json/);
  }
});

it('A release is put on the staging site once it is built and signed, by the one script, and published only when that held', () => {
  const { jobs } = parse(read('.github/workflows/release.yml')) as { jobs: Record<string, Job> };
  const gitlab = parse(read('.gitlab-ci.yml')) as Record<string, Job> & { stages: string[] };
  const script =
    /^deploy\/stage\.sh "\$(STAGING|LIAISON_STAGING)" "\$\{(GITHUB_REF_NAME|CI_COMMIT_TAG)#v\}"$/;
  // The secrets of a site are on a machine of whoever keeps it, and nowhere else.
  expect(jobs.staging).toMatchObject({
    needs: 'image',
    if: "vars.LIAISON_STAGING != ''",
    environment: 'staging',
    'runs-on': ['self-hosted', 'liaison-staging'],
  });
  expect(jobs.staging?.steps?.at(-1)?.run).toMatch(script);
  expect(jobs.image?.steps?.some(({ run = '' }) => run.includes('gh release create'))).toBe(false);
  expect(jobs.publish?.steps?.at(-1)?.run).toContain('gh release create');
  expect(jobs.publish?.if).toContain("needs.image.result == 'success'");
  expect(jobs.publish?.if).toContain('needs.staging.result');
  expect(gitlab.stages).toEqual(['test', 'image', 'staging']);
  expect(gitlab.staging).toMatchObject({
    needs: ['image'],
    environment: 'staging',
    tags: ['liaison-staging'],
  });
  expect(gitlab.staging?.rules?.[0]?.if).toContain('$LIAISON_STAGING');
  expect(gitlab.staging?.script?.[0]).toMatch(script);
});

it('What puts a release on a site has the doctor look, goes back with a fault, and asks nobody', () => {
  const text = read('deploy/stage.sh');
  expect(text).toMatch(/^set -euo pipefail$/m);
  expect(text).toMatch(/^liaison update "\$site" "\$version" --doctor .*--yes$/m);
  expect(statSync(join(root, 'deploy/stage.sh')).mode & 0o111).not.toBe(0);
});
