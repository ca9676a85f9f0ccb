import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '@liaison/core/testing';
import { alertRules, alerts, board, dashboard, loadDeployment, prometheusConf } from '@liaison/sites/server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { until } from '../testing/program.ts';
import { type RunningSuite, startSuite } from '../testing/suite.ts';

const run = promisify(execFile);
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'liaison-monitoring-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const alertsFile = () => join(folder, 'alerts.yml');
/** Debian's promtool; throws with what it said. */
const promtool = (...args: string[]) => run('promtool', args);

describe("what is rendered for monitoring, read by Prometheus' own programs", () => {
  it('is a configuration and rules that promtool takes', async () => {
    await writeFile(alertsFile(), alertRules());
    await promtool('check', 'rules', alertsFile());
    const { deployment } = await loadDeployment('eu');
    const text = prometheusConf(deployment.sites[0]!, (service) => `tasks.${service}`);
    const file = join(folder, 'prometheus.yml');
    await writeFile(file, text.replace('/etc/prometheus/alerts.yml', alertsFile()));
    await promtool('check', 'config', file);
    expect(text).toContain('tasks.media');
  });

  it('tells of each thing that goes wrong in a sentence with its figures, and of nothing when all is well', async () => {
    const minutes = 30;
    const steady = (value: number) => `${value}x${minutes}`;
    const up = (values: Record<string, number>) =>
      Object.entries(values).map(([instance, value]) => ({
        series: `up{job="liaison",service="api",instance="${instance}"}`,
        values: steady(value),
      }));
    const figure = (name: string, value: string | number, labels = '') => ({
      series: `${name}{job="liaison",service="api",instance="a"${labels}}`,
      values: typeof value === 'number' ? steady(value) : value,
    });
    const well = [
      ...up({ a: 1, b: 1 }),
      figure('liaison_http_request_duration_seconds_count', `0+600x${minutes}`, ',status="200"'),
      figure('liaison_outbox_lag_seconds', 2),
      figure('liaison_outbox_parked_reactions', 0),
      figure('liaison_database_connections', 0, ',state="waiting"'),
      figure('liaison_sip_overloaded', 0),
      figure('liaison_sip_messages_dropped_total', 7),
      figure('liaison_notify_pushes_total', `0+30x${minutes}`, ',maker="google",outcome="sent"'),
      figure('liaison_notify_pushes_total', 2, ',maker="google",outcome="refused"'),
      figure('nodejs_eventloop_lag_p99_seconds', 0.02),
    ];
    /** What is otherwise, and what is said of it. */
    const troubles: Record<
      string,
      { series: { series: string; values: string }[]; labels?: object; says: string }
    > = {
      LiaisonGone: {
        series: up({ a: 0, b: 0 }),
        labels: { service: 'api' },
        says: 'No process of api answers.',
      },
      LiaisonUnseen: {
        series: [{ series: 'up{job="other"}', values: steady(1) }],
        labels: { job: 'liaison' },
        says: 'Prometheus finds no process at all.',
      },
      LiaisonReplicaGone: {
        series: up({ a: 1, b: 0 }),
        labels: { service: 'api' },
        says: 'A process of api does not answer; others of it do.',
      },
      LiaisonErrors: {
        series: [
          figure('liaison_http_request_duration_seconds_count', `0+60x${minutes}`, ',status="500"'),
          figure('liaison_http_request_duration_seconds_count', `0+540x${minutes}`, ',status="200"'),
        ],
        says: '10% of all requests fail.',
      },
      LiaisonEventsLate: {
        series: [figure('liaison_outbox_lag_seconds', 90)],
        says: 'What follows from changes is 1m 30s late.',
      },
      LiaisonStuckWork: {
        series: [figure('liaison_outbox_parked_reactions', 3)],
        says: '3 reactions failed too often and wait.',
      },
      LiaisonDatabaseWaits: {
        series: [figure('liaison_database_connections', 9, ',state="waiting"')],
        labels: { service: 'api' },
        says: 'In api 9 transactions wait for a connection to the database.',
      },
      LiaisonTelephonesRefused: {
        series: [figure('liaison_sip_overloaded', 1)],
        labels: { service: 'api' },
        says: 'api refuses requests of telephones, as it has too many.',
      },
      LiaisonTelephonesUnheard: {
        series: [figure('liaison_sip_messages_dropped_total', `0+10x${minutes}`)],
        labels: { service: 'api' },
        says: '150 messages of telephones to api were lost unread in 15 minutes.',
      },
      LiaisonPushesFail: {
        series: [
          figure('liaison_notify_pushes_total', `0+6x${minutes}`, ',maker="mozilla",outcome="later"'),
          figure('liaison_notify_pushes_total', `0+2x${minutes}`, ',maker="mozilla",outcome="sent"'),
          figure('liaison_notify_pushes_total', `0+6x${minutes}`, ',maker="google",outcome="sent"'),
          figure('liaison_notify_pushes_total', `0+2x${minutes}`, ',maker="google",outcome="refused"'),
        ],
        labels: { maker: 'mozilla' },
        says: 'The push service of mozilla took fewer than half of our messages for 20 minutes.',
      },
      LiaisonSlowLoop: {
        series: [figure('nodejs_eventloop_lag_p99_seconds', 0.4)],
        labels: { service: 'api', instance: 'a' },
        says: 'a of api does one thing for too long at a time.',
      },
    };
    expect(Object.keys(troubles).sort()).toEqual(alerts.map(({ name }) => name).sort());
    const at = `${minutes - 5}m`;
    const silent = alerts.map(({ name }) => ({ eval_time: at, alertname: name, exp_alerts: [] }));
    const tests = [
      { interval: '1m', input_series: well, alert_rule_test: silent },
      ...alerts.map(({ name, severity, mend }) => {
        const { series, labels = {}, says } = troubles[name]!;
        const expected = { exp_labels: { severity, ...labels }, exp_annotations: { summary: says, mend } };
        return {
          interval: '1m',
          input_series: name === 'LiaisonUnseen' ? series : [...without(well, series), ...series],
          alert_rule_test: [{ eval_time: at, alertname: name, exp_alerts: [expected] }],
        };
      }),
    ];
    const file = join(folder, 'tests.yml');
    await writeFile(file, stringify({ rule_files: [alertsFile()], evaluation_interval: '1m', tests }));
    await promtool('test', 'rules', file);
  });
});

/** What is well, without what a trouble says otherwise. */
const without = <Series extends { series: string }>(
  all: readonly Series[],
  changed: readonly Series[],
): Series[] => {
  const named = new Set(changed.map(({ series }) => series.split('{')[0]));
  return all.filter(({ series }) => !named.has(series.split('{')[0]));
};

describe('a Prometheus that watches the suite', () => {
  let running: RunningSuite;
  let prometheus: ReturnType<typeof spawn> | undefined;
  let url: string;
  beforeAll(async () => {
    running = await startSuite();
    const { deployment } = await loadDeployment('demo-one');
    const conf = parse(prometheusConf(deployment.sites[0]!, (service) => `tasks.${service}`));
    conf.global.scrape_interval = '1s';
    conf.rule_files = [];
    const [job] = conf.scrape_configs;
    delete job.dns_sd_configs;
    // As if its name had been looked up.
    job.static_configs = [
      { targets: [new URL(running.url).host], labels: { __meta_dns_name: 'tasks.liaison' } },
    ];
    const file = join(folder, 'watching.yml');
    await writeFile(file, stringify(conf));
    await mkdir(join(folder, 'metrics'));
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    prometheus = spawn(
      'prometheus',
      [
        `--config.file=${file}`,
        `--storage.tsdb.path=${join(folder, 'metrics')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--log.level=error',
      ],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    );
    await until(
      async () => (await ask('count(up == 1)').catch(() => 0)) === 1,
      'Prometheus sees the suite',
      60_000,
    );
  });
  afterAll(async () => {
    if (prometheus && prometheus.exitCode === null) {
      const ended = once(prometheus, 'exit');
      prometheus.kill();
      await ended;
    }
    await running?.close();
  });

  /** How many series answer, or the value of the only one. */
  async function ask(expression: string): Promise<number> {
    const answer = await fetch(`${url}/api/v1/query?${new URLSearchParams({ query: expression })}`);
    const { status, data, error } = (await answer.json()) as {
      status: string;
      error?: string;
      data: { result: { metric: Record<string, string>; value: [number, string] }[] };
    };
    if (status !== 'success') throw new Error(`${expression}: ${error}`);
    const [only, ...others] = data.result;
    return only && others.length === 0 ? Number(only.value[1]) : data.result.length;
  }

  it('has something to show in every picture of the board', async () => {
    await fetch(`${running.url}/healthz`);
    const series = board.flatMap(({ panels }) => panels.flatMap((panel) => panel.series));
    expect(series.length).toBeGreaterThan(10);
    for (const { expression } of series) {
      await expect
        .poll(() => ask(`count(${expression})`), { timeout: 30_000, message: expression })
        .toBeGreaterThan(0);
    }
  });

  it('says of which service each figure is, and misses no figure of ours on the board', async () => {
    expect(await ask('count(up{service="liaison"})')).toBe(1);
    const text = await (await fetch(`${running.url}/metrics`)).text();
    const figures = [...text.matchAll(/^# TYPE (liaison_\w+)/gm)].map(([, name]) => name!);
    expect(figures.length).toBeGreaterThan(8);
    const shown = JSON.stringify(board);
    expect(figures.filter((name) => !shown.includes(name))).toEqual([]);
  });

  it('can ask for everything that alerts look at', async () => {
    const names = new Set(
      alerts.flatMap(({ expression }) => expression.match(/\b(?:liaison|nodejs)_\w+/g) ?? []),
    );
    for (const name of names) expect(await ask(`count(${name})`), name).toBeGreaterThan(0);
  });
});

it('The board is one that Grafana can import: numbered panels side by side, each with its source', () => {
  const { panels, title } = JSON.parse(dashboard('Estuaria'));
  expect(title).toBe('Estuaria');
  const ids = panels.map(({ id }: { id: number }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { gridPos, type, targets } of panels) {
    expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
    if (type !== 'row') expect(targets.length).toBeGreaterThan(0);
  }
  const cells = panels.map(({ gridPos: { x, y } }: { gridPos: { x: number; y: number } }) => `${x},${y}`);
  expect(new Set(cells).size).toBe(cells.length);
});
