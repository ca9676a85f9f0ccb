import { type Deployment, nodesOf, type Site } from '../../contract/index.ts';
import { ordinary, type Program } from './program.ts';

/** coturn, for browsers whose network lets them reach nothing else. On the node's own network: it opens many ports. */
export function turnProgram(deployment: Deployment, site: Site): Program[] {
  const { turn } = site;
  if (turn === undefined) return [];
  return [
    {
      ...ordinary,
      name: 'turn',
      purpose: 'coturn: media for browsers that can reach nothing else',
      image: deployment.images.coturn,
      entrypoint: ['/bin/sh', '/etc/liaison/start-turn'],
      user: '65534:65534',
      configs: [
        { config: 'turnserver.conf', target: '/etc/liaison/turnserver.conf' },
        { config: 'start-turn', target: '/etc/liaison/start-turn' },
      ],
      secrets: [turn.secret.secret],
      onHostNetwork: true,
      health: {
        test: ['CMD-SHELL', `turnutils_stunclient -p ${turn.port} ${addressOf(site, turn.node)} >/dev/null`],
        intervalSeconds: 30,
        startSeconds: 15,
      },
      onePerNode: true,
      nodes: [turn.node],
      memoryMb: 256,
      // Whoever speaks through it is in a call.
      graceSeconds: site.limits.drainMinutes * 60 + 30,
    },
  ];
}

const addressOf = (site: Site, node: string): string =>
  site.nodes.find(({ name }) => name === node)?.address ?? '';

export function turnConf(site: Site, turn: NonNullable<Site['turn']>): string {
  const media = new Set(
    site.processes.filter(({ duties }) => duties.includes('media')).flatMap((one) => nodesOf(site, one)),
  );
  return [
    `listening-port=${turn.port}`,
    `listening-ip=${addressOf(site, turn.node)}`,
    `relay-ip=${addressOf(site, turn.node)}`,
    `min-port=${turn.relayPorts.from}`,
    `max-port=${turn.relayPorts.to}`,
    `realm=${site.host}`,
    'fingerprint',
    // Credentials are made from the secret and end after minutes.
    'use-auth-secret',
    'no-tls',
    'no-dtls',
    'no-cli',
    'no-multicast-peers',
    'log-file=stdout',
    // Everything that it writes is in memory: a folder of its image would not be writable for its user.
    'pidfile=/tmp/turnserver.pid',
    'userdb=/tmp/turndb',
    // To our relays and nowhere else, or it is a door into the site's own network.
    'denied-peer-ip=0.0.0.0-255.255.255.255',
    'denied-peer-ip=::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
    ...[...media].map((node) => `allowed-peer-ip=${addressOf(site, node)}`),
    '',
  ].join('\n');
}

/** The secret is joined to the rest in memory: neither a file of the description nor the list of processes shows it. */
export function turnStart(turn: NonNullable<Site['turn']>): string {
  return [
    '#!/bin/sh',
    'set -eu',
    'umask 077',
    'cat /etc/liaison/turnserver.conf >/tmp/turnserver.conf',
    `printf 'static-auth-secret=%s\\n' "$(cat /run/secrets/${turn.secret.secret})" >>/tmp/turnserver.conf`,
    'exec turnserver -c /tmp/turnserver.conf',
    '',
  ].join('\n');
}
