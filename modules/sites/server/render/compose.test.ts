import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { loadDeployment } from '../load-deployment.ts';
import { renderSite } from './render-site.ts';
import type { ComposeFile, ComposeService } from './stack-types.ts';

async function compose() {
  const { deployment } = await loadDeployment('demo-one');
  const [site] = deployment.sites;
  if (site === undefined) throw new Error('no site');
  return renderSite(deployment, site, () => '');
}

test('One machine is one compose.yaml that says what each service is for', async () => {
  const rendered = await compose();
  const text = rendered.files.get('compose.yaml') ?? '';
  expect(text).toContain('  # PostgreSQL: everything that people have written\n  postgres:');
  const file = parse(text, { version: '1.1' }) as ComposeFile<ComposeService>;
  expect(Object.keys(file.services)).toEqual(['postgres', 'liaison']);
  for (const [name, service] of Object.entries(file.services)) {
    expect(service, name).toMatchObject({
      restart: 'unless-stopped',
      read_only: true,
      cap_drop: ['ALL'],
      init: true,
      security_opt: ['no-new-privileges:true'],
    });
    expect(service.user, name).not.toMatch(/^0/);
    expect(service.mem_limit, name).toMatch(/^\d+m$/);
  }
  expect(file.services.liaison?.ports).toEqual([
    '80:8080/tcp',
    '443:8443/tcp',
    '5060:5060/udp',
    '5060:5060/tcp',
    '5061:5061/tcp',
    '20000-20199:20000-20199/udp',
    '20000-20199:20000-20199/tcp',
  ]);
  expect(file.services.postgres?.ports).toBeUndefined();
});

test('Services of one machine find each other by their plain names', async () => {
  const start = (await compose()).files.get('configs/start') ?? '';
  expect(start).toContain('@postgres:5432/liaison');
  expect(start).not.toContain('tasks.');
});

test('No value of a secret stands in what is rendered', async () => {
  const rendered = await compose();
  for (const name of rendered.secrets) {
    const whole = [...rendered.files.values()].join('\n');
    expect(whole).toContain(`./secrets/${name}`);
  }
});

test('The described sites of this repository are right', async () => {
  const { deployment } = await loadDeployment('eu');
  expect(deployment.sites).toHaveLength(1);
  expect(deployment.sites[0]?.nodes).toHaveLength(3);
});
