// The load generator, in a process and on a core of its own: members of rooms, and messages at a given rate.
import { openLiaisonRoom } from './liaison-room.ts';
import type { Answer, Order, Room, Step } from './room.ts';
import { openXmppRoom } from './xmpp-room.ts';

/** What has not come so long after the last message never comes in time. */
const patienceMs = 1500;
/** So many members speak, in turn. */
const senders = 16;

const rooms = new Map<string, Room>();
let nextNumber = 0;

async function step(room: Room, perSecond: number, seconds: number): Promise<Step> {
  const count = Math.max(1, Math.round(perSecond * seconds));
  const sentAt = new Float64Array(count);
  const latencies: number[] = [];
  // A number also names its sender (number % size), whose own copy is the acknowledgement where there is no other.
  const first = Math.ceil(nextNumber / room.size) * room.size;
  const indexOf = new Map<number, number>();
  let lastAt = 0;
  room.onReceived((_member, number) => {
    const index = indexOf.get(number);
    if (index === undefined) return;
    lastAt = performance.now();
    latencies.push(lastAt - sentAt[index]!);
  });
  let acknowledged = 0;
  const cpuBefore = process.cpuUsage();
  const begun = performance.now();
  let sent = 0;
  const talkers = Math.min(senders, room.size);
  const stride = Math.floor(room.size / talkers);
  await new Promise<void>((resolve) => {
    const tick = () => {
      const due = Math.min(count, Math.floor(((performance.now() - begun) / 1000) * perSecond) + 1);
      while (sent < due) {
        const member = (sent % talkers) * stride;
        const number = first + Math.floor(sent / talkers) * room.size + member;
        indexOf.set(number, sent);
        nextNumber = number + 1;
        sentAt[sent] = performance.now();
        sent += 1;
        room.send(member, number).then(
          () => {
            acknowledged += 1;
          },
          () => {},
        );
      }
      if (sent < count) setTimeout(tick, Math.min(5, 500 / perSecond));
      else resolve();
    };
    tick();
  });
  const expected = count * room.size;
  const deadline = performance.now() + patienceMs;
  while ((latencies.length < expected || acknowledged < count) && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const cpu = process.cpuUsage(cpuBefore);
  const delivered = latencies.length;
  const sorted = Float64Array.from(latencies).sort();
  const at = (share: number) => sorted[Math.floor(share * expected)] ?? Number.POSITIVE_INFINITY;
  return {
    sent: count,
    acknowledged,
    delivered,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    seconds: (Math.max(lastAt, begun + 1) - begun) / 1000,
    generatorCpuSeconds: (cpu.user + cpu.system) / 1e6,
  };
}

async function obey(order: Order): Promise<Answer> {
  if (order.do === 'open') {
    const { room } = order;
    rooms.set(room.name, room.kind === 'liaison' ? await openLiaisonRoom(room) : await openXmppRoom(room));
    return { ok: true };
  }
  const room = rooms.get(order.room);
  if (!room) return { ok: false, error: `no room is called ${order.room}` };
  if (order.do === 'step') return { ok: true, step: await step(room, order.perSecond, order.seconds) };
  room.close();
  rooms.delete(order.room);
  return { ok: true };
}

process.on('message', (order: Order) => {
  obey(order).then(
    (answer) => process.send?.(answer),
    (error: Error) => process.send?.({ ok: false, error: error.message } satisfies Answer),
  );
});
process.on('disconnect', () => process.exit(0));
