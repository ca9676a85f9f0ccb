import { connect, type Socket } from 'node:net';

/**
 * A program that opens many connections to a port and holds them: `open-sockets.ts <port> <count> <text>`. Each says
 * the text (which may be none) and nothing more. Tells its parent how many are open, and how many were ended in the end.
 */
const [port, count, text = ''] = process.argv.slice(2);
const sockets = new Set<Socket>();
let ended = 0;
let failed = 0;

async function open(): Promise<void> {
  await new Promise<void>((resolve) => {
    const socket = connect(Number(port), '127.0.0.1', () => {
      sockets.add(socket);
      if (text) socket.write(text);
      resolve();
    });
    socket.on('error', () => {
      if (!sockets.has(socket)) failed += 1;
      resolve();
    });
    socket.on('close', () => {
      if (sockets.delete(socket)) ended += 1;
    });
    socket.resume();
  });
}

for (let at = 0; at < Number(count); at += 100) {
  await Promise.all(Array.from({ length: Math.min(100, Number(count) - at) }, open));
}
process.send?.({ open: sockets.size + ended, failed });
setInterval(() => process.send?.({ stillOpen: sockets.size, ended }), 250);
process.on('disconnect', () => process.exit());
