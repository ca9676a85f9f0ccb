import { notFound, type PersonActor } from '@liaison/core/contract';
import type { Core } from '@liaison/core/floor';
import { NotOwned, OutcomeUnknown } from '@liaison/core/owned';
import type { People } from '@liaison/people';
import { type Flow, parseSipUri, type UserAgent } from '@liaison/sip';
import { z } from 'zod';
import { flowsOf } from '../far/messages.ts';
import { administeredDevice } from './access.ts';

const endpoint = z.object({ address: z.string().max(100), port: z.number().int() });
/** Of the process that holds the way to a telephone, as the command `ask` of `flowsOf`. */
export const askOrder = z.object({
  target: z.string().max(1000),
  flow: z.looseObject({
    id: z.string().max(300),
    protocol: z.enum(['udp', 'tcp', 'tls', 'ws', 'wss']),
    remote: endpoint,
    local: endpoint,
  }),
  route: z.array(z.string().max(1000)).max(20),
  realm: z.string().max(253),
});
const answered = z.object({ roundTripMs: z.number().int().nullable(), status: z.number().int().nullable() });

/** A telephone that has not answered by then is not there. */
const patienceMs = 4000;

/** Sends OPTIONS to a telephone over its flow (RFC 3261 §11) and measures how long the answer takes. */
export async function carryOutAsk(userAgent: UserAgent, params: unknown): Promise<z.infer<typeof answered>> {
  const { target, flow, route, realm } = askOrder.parse(params);
  const silent = { roundTripMs: null, status: null };
  if (!userAgent.isFlowOpen(flow as Flow)) return silent;
  const uri = parseSipUri(target);
  const server = { uri: { scheme: 'sip' as const, host: realm, params: new Map() }, params: new Map() };
  const began = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const response = await Promise.race([
    userAgent.request({
      method: 'OPTIONS',
      target: uri,
      flow: flow as Flow,
      route,
      from: server,
      to: { uri, params: new Map() },
    }),
    new Promise<null>((resolve) => {
      timer = setTimeout(() => resolve(null), patienceMs);
    }),
  ]).finally(() => clearTimeout(timer));
  // RFC 3261 §8.1.3.1: 408 and 503 stand for silence. Any other status, a refusal too, is a sign of life.
  if (!response || response.status === 408 || response.status === 503) return silent;
  return { roundTripMs: Math.round(performance.now() - began), status: response.status };
}

/** Asks a registered telephone whether it is there, by the process that can, and keeps how long it took. */
export async function askTelephone(
  { core, people }: { core: Core; people: People },
  actor: PersonActor,
  deviceId: string,
): Promise<z.infer<typeof answered>> {
  const found = await core.db.read(actor.orgId, async (tx) => {
    await administeredDevice(people, tx, actor, deviceId);
    const [row] = await tx.query<{ uri: string; flow: Flow; process_id: string; path: string[] }>(
      `select uri, flow, process_id, path from calls.registration
       where device_id = $1 and expires_at > now() order by registered_at desc limit 1`,
      [deviceId],
    );
    return row && { row, realm: await people.realmOf(tx) };
  });
  if (!found) throw notFound('A registration of this device');
  const { row, realm } = found;
  let answer: z.infer<typeof answered> = { roundTripMs: null, status: null };
  try {
    const params = { target: row.uri, flow: { ...row.flow }, route: row.path, realm };
    answer = answered.parse(
      await core.owned.send(flowsOf(row.process_id), 'ask', params, { timeoutMs: patienceMs + 1000 }),
    );
  } catch (error) {
    if (!(error instanceof NotOwned) && !(error instanceof OutcomeUnknown)) throw error;
  }
  await core.db.transaction(actor.orgId, (tx) =>
    tx.query(
      'update calls.registration set round_trip_ms = $3, round_trip_at = now() where device_id = $1 and uri = $2',
      [deviceId, row.uri, answer.roundTripMs],
    ),
  );
  return answer;
}
