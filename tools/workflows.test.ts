import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';

const root = resolve(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

interface Job {
  readonly steps?: readonly { readonly uses?: string; readonly run?: string }[];
  readonly before_script?: readonly string[];
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

/** What GitHub and GitLab know at each place, of what is used here: a slip of the pen there is ignored, or ends the run. */
const known = {
  workflow: 'name on permissions concurrency env jobs',
  job: 'needs if runs-on container environment concurrency timeout-minutes permissions steps',
  step: 'name uses with run env',
  gitlab: 'stages workflow everything image staging',
  gitlabJob:
    'stage image services rules timeout id_tokens variables before_script script artifacts tags needs environment resource_group',
} as const;
const unknown = (place: keyof typeof known, found: object): string[] =>
  Object.keys(found).filter((key) => !known[place].split(' ').includes(key));

it('Every key of a workflow is one that its runner knows, and whatever is needed is there', () => {
  for (const path of github) {
    const workflow = parse(read(path)) as { on: object; jobs: Record<string, Job> };
    expect(unknown('workflow', workflow), path).toEqual([]);
    for (const [name, job] of Object.entries(workflow.jobs)) {
      expect([name, unknown('job', job)]).toEqual([name, []]);
      for (const needed of [job.needs ?? []].flat()) expect(workflow.jobs, name).toHaveProperty(needed);
      expect(job.steps?.length, name).toBeGreaterThan(0);
      for (const step of job.steps ?? []) {
        expect([name, unknown('step', step)]).toEqual([name, []]);
        expect(step.uses === undefined, `${name}: a step uses or runs, and not both`).toBe(
          step.run !== undefined,
        );
      }
    }
    const contexts = [...read(path).matchAll(/\$\{\{(.*?)\}\}/g)].flatMap(([, expression = '']) =>
      [...expression.replace(/'[^']*'/g, '').matchAll(/(?<![\w.])([a-z]+)\./g)].map(([, context]) => context),
    );
    expect(contexts.filter((one) => !['github', 'secrets', 'vars', 'needs'].includes(one ?? ''))).toEqual([]);
  }
  const {
    stages,
    workflow: _,
    ...jobs
  } = parse(read('.gitlab-ci.yml')) as Record<string, Job> & {
    stages: string[];
  };
  expect(unknown('gitlab', { stages, ...jobs })).toEqual([]);
  for (const [name, job] of Object.entries(jobs)) {
    expect([name, unknown('gitlabJob', job)]).toEqual([name, []]);
    expect(stages).toContain(job.stage);
    for (const needed of [job.needs ?? []].flat()) expect(jobs, name).toHaveProperty(needed);
    // A line that YAML takes for something else than text is refused by GitLab.
    for (const line of [...(job.before_script ?? []), ...(job.script ?? [])])
      expect(line).toBeTypeOf('string');
  }
});

it('Every script that a workflow runs, or calls, is one that bash can read', () => {
  const scripts = new Map<string, string>();
  for (const path of github)
    for (const [name, { steps = [] }] of Object.entries(
      (parse(read(path)) as { jobs: Record<string, Job> }).jobs,
    ))
      for (const [at, { run }] of steps.entries())
        if (run !== undefined) scripts.set(`${path} ${name} ${at}`, run);
  for (const [name, { before_script = [], script }] of Object.entries(
    parse(read('.gitlab-ci.yml')) as Record<string, Job>,
  ))
    if (script !== undefined) scripts.set(`.gitlab-ci.yml ${name}`, [...before_script, ...script].join('\n'));
  const called = new Set(
    [...scripts.values()].flatMap((text) => text.match(/\.ci\/run\b|\bdeploy\/[\w./-]+\.sh\b/g) ?? []),
  );
  expect([...called].toSorted()).toEqual(['.ci/run', 'deploy/image/build.sh', 'deploy/stage.sh']);
  for (const path of called) {
    expect(statSync(join(root, path)).mode & 0o111, path).not.toBe(0);
    scripts.set(path, read(path));
  }
  expect(scripts.size).toBeGreaterThan(10);
  for (const [name, text] of scripts)
    expect(
      () => execFileSync('bash', ['-n'], { input: text, stdio: ['pipe', 'ignore', 'pipe'] }),
      name,
    ).not.toThrow();
});

it('Who signs may read the login to the registry, and write where it keeps the roots of trust', () => {
  const gitlab = read('.gitlab-ci.yml');
  const created = gitlab.match(/docker create [^\n]+cosign "\$COSIGN"/g) ?? [];
  expect(created).toHaveLength(2);
  for (const line of created) expect(line).toContain('--user 0 --env HOME=/root --env DOCKER_CONFIG=/login');
  expect(gitlab.match(/docker cp "\$HOME\/\.docker" \w+:\/login$/gm)).toHaveLength(2);
  const release = read('.github/workflows/release.yml');
  expect(release).toContain('--volume "$RUNNER_TEMP/home:/trust" --env HOME=/trust');
});

it('What puts a release on a site has the doctor look, goes back with a fault, and asks nobody', () => {
  const text = read('deploy/stage.sh');
  expect(text).toMatch(/^set -euo pipefail$/m);
  expect(text).toMatch(/^liaison update "\$site" "\$version" --doctor .*--yes$/m);
  expect(statSync(join(root, 'deploy/stage.sh')).mode & 0o111).not.toBe(0);
});
