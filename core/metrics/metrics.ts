import type { IncomingMessage } from 'node:http';
import { BlockList } from 'node:net';
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { notFound } from '../contract/index.ts';
import type { Db } from '../db/index.ts';
import type { Http } from '../http/index.ts';
import type { Live } from '../live/index.ts';
import type { Outbox } from '../outbox/index.ts';

/** One answered request, as `createHttp` tells it. */
export interface AnsweredRequest {
  readonly method: string;
  /** The pattern of the route, never the address. */
  readonly route: string;
  readonly status: number;
  readonly seconds: number;
}

/** A number that is read when somebody asks; with labels, one number per set of them. */
export interface GaugeDefinition<Label extends string = never> {
  /** Prometheus' habit: `liaison_<module>_<what>_<unit>`. */
  readonly name: `liaison_${string}`;
  readonly help: string;
  readonly labels?: readonly Label[];
  read(): Reading<Label> | Promise<Reading<Label>>;
}
type Reading<Label extends string> =
  | number
  | readonly { readonly labels: Readonly<Record<Label, string>>; readonly value: number }[];

/** Figures about this process, for Prometheus. */
export interface Metrics {
  /** Registers a module's figure; call it once, where the module is made. */
  gauge<Label extends string = never>(definition: GaugeDefinition<Label>): void;
  answered(request: AnsweredRequest): void;
  /** All figures in Prometheus' text format. */
  render(): Promise<string>;
}

export function createMetrics(): Metrics {
  const register = new Registry();
  const requests = new Histogram({
    name: 'liaison_http_request_duration_seconds',
    help: 'Time from a request to its answer',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers: [register],
  });
  let watchesProcess = false;
  return {
    gauge({ name, help, labels, read }) {
      new Gauge({
        name,
        help,
        labelNames: [...(labels ?? [])],
        registers: [register],
        async collect() {
          // What cannot be read now (no database) is left out; the other figures are needed all the more.
          this.reset();
          if (!labels) this.remove();
          try {
            const reading = await read();
            if (typeof reading === 'number') this.set(reading);
            else for (const { labels: named, value } of reading) this.set(named, value);
          } catch {
            this.remove();
          }
        },
      });
    },
    answered({ method, route, status, seconds }) {
      requests.observe({ method, route, status: String(status) }, seconds);
    },
    render() {
      if (!watchesProcess) {
        // From the first look on: measuring the event loop wakes an idle process, and most are never scraped.
        watchesProcess = true;
        collectDefaultMetrics({ register, eventLoopMonitoringPrecision: 50 });
      }
      return register.metrics();
    },
  };
}

/** The floor's own figures. */
export function registerFloorGauges(
  metrics: Metrics,
  { live, outbox, db }: { live: Live; outbox: Outbox; db: Db },
): void {
  metrics.gauge({
    name: 'liaison_live_connections',
    help: 'Pages with an open live socket in this process',
    read: () => live.connections().length,
  });
  metrics.gauge({
    name: 'liaison_outbox_lag_seconds',
    help: 'Age of the oldest event that a reaction has still to find, of all processes',
    read: async () => (await outbox.backlog()).lagSeconds,
  });
  metrics.gauge({
    name: 'liaison_outbox_parked_reactions',
    help: 'Streams of reactions that failed too often and wait for somebody, of all processes',
    read: async () => (await outbox.backlog()).parked,
  });
  metrics.gauge({
    name: 'liaison_database_connections',
    help: 'Connections of the pools to the database; waiting: transactions without one',
    labels: ['role', 'state'],
    read: () =>
      db.pools().flatMap(({ role, busy, idle, waiting }) =>
        Object.entries({ busy, idle, waiting }).map(([state, value]) => ({
          labels: { role, state },
          value,
        })),
      ),
  });
}

const loopback = networks(['127.0.0.0/8', '::1']);

/** Whether an address is in one of these networks; each an address, or one with the number of its bits. */
function networks(listed: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const each of listed) {
    const [base = '', bits] = each.split('/');
    const family = base.includes(':') ? 'ipv6' : 'ipv4';
    if (bits === undefined) list.addAddress(base, family);
    else list.addSubnet(base, Number(bits), family);
  }
  return (address) => list.check(address, address.includes(':') ? 'ipv6' : 'ipv4');
}

/** Whether nobody stands between this request and whoever sent it, as far as can be seen: proxies add a header. */
const isDirect = (request: IncomingMessage): boolean =>
  ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via'].every(
    (name) => request.headers[name] === undefined,
  );

const addressOf = (request: IncomingMessage): string =>
  (request.socket.remoteAddress ?? '').replace(/^::ffff:(?=\d+\.)/, '');

/**
 * True for a program on this machine that speaks to this port itself. A proxy on the same machine also comes from the
 * loopback, with strangers behind it: it says so in a header, or by the name in Host.
 */
function isFromThisMachine(request: IncomingMessage): boolean {
  const host = (request.headers.host ?? '').replace(/:\d+$/, '');
  return (
    loopback(addressOf(request)) &&
    isDirect(request) &&
    /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/i.test(host)
  );
}

/** Serves `GET /metrics` to this machine and to those networks; to all others there is no such page. */
export function serveMetrics(http: Http, metrics: Metrics, from: readonly string[]): void {
  const isAllowed = networks(from);
  http.fastify.get('/metrics', async ({ raw }, reply) => {
    if (!isFromThisMachine(raw) && !(isAllowed(addressOf(raw)) && isDirect(raw))) throw notFound('This page');
    return reply.type('text/plain; version=0.0.4; charset=utf-8').send(await metrics.render());
  });
}
