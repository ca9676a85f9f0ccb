import { programVersion } from '../config/index.ts';
import { type Examined, failed, good, type Said, type Step, warning } from './finding.ts';

const patienceMs = 5000;

export const urlOf = ({ host, settings }: Pick<Examined, 'host' | 'settings'>): string =>
  `http://${host.includes(':') ? `[${host}]` : host}:${settings.httpPort}`;

/** What a server of this machine says of itself: whether it runs, which version, and what it lacks. */
export const serverStep: Step = {
  name: 'server',
  limitMs: 2 * patienceMs,
  async look(examined) {
    const { settings, env } = examined;
    if (settings.httpPort === 0)
      return [
        failed(
          'its port is any free one, which nobody outside of it knows',
          'set LIAISON_HTTP_PORT, for the server and for this command',
        ),
      ];
    const url = urlOf(examined);
    const ask = async (path: string): Promise<{ status: number; body: Record<string, unknown> }> => {
      const answer = await fetch(`${url}${path}`, {
        signal: AbortSignal.timeout(patienceMs),
        redirect: 'error',
      });
      const body = (await answer.json().catch(() => ({}))) as unknown;
      return {
        status: answer.status,
        body: typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {},
      };
    };
    let health: Awaited<ReturnType<typeof ask>>;
    let readiness: Awaited<ReturnType<typeof ask>>;
    try {
      [health, readiness] = await Promise.all([ask('/healthz'), ask('/readyz')]);
    } catch {
      return [
        failed(
          `no server answers at ${url}`,
          'start it, or give this command the settings of the one that runs (LIAISON_HTTP_PORT, LIAISON_BIND, LIAISON_DATA)',
        ),
      ];
    }
    if (health.body.status !== 'up' || typeof readiness.body.status !== 'string')
      return [
        failed(
          `at ${url} answers another program`,
          'end that program, or give Liaison another port by LIAISON_HTTP_PORT',
        ),
      ];
    const said: Said[] = [judgeVersion(String(health.body.version), programVersion(env))];
    said.push(...judgeReadiness(readiness));
    return said;
  },
};

function judgeVersion(running: string, ours: string): Said {
  if (running === ours) return good(`version ${running} runs`);
  return warning(
    `version ${running} runs, and this command is of version ${ours}`,
    'right during an update; otherwise run this command from the folder or image of the running server',
  );
}

function judgeReadiness({ status, body }: { status: number; body: Record<string, unknown> }): Said[] {
  const lines = (value: unknown): [string, string][] =>
    typeof value === 'object' && value !== null
      ? Object.entries(value).map(([name, text]) => [name.slice(0, 40), String(text).slice(0, 200)])
      : [];
  const missing = lines(body.missing);
  const remarks = lines(body.remarks).map(([name, text]) =>
    warning(`the server remarks of its ${name}: ${text}`, 'look at the line of this list that is about it'),
  );
  if (status === 200) return [good('the server is ready'), ...remarks];
  return [
    ...missing.map(([name, text]) =>
      name === 'process'
        ? warning(
            'the server is about to end, and takes nothing on any more',
            'wait until its calls are over; another one serves meanwhile',
          )
        : failed(
            `the server is not ready: ${name}: ${text}`,
            name === 'database'
              ? 'look whether PostgreSQL runs and DATABASE_URL leads to it'
              : 'look into the log of the server',
          ),
    ),
    ...remarks,
  ];
}
