/** What the image of this program promises (`deploy/image`). */
export const image = {
  /** The unprivileged user that it runs as. */
  user: '1000:1000',
  /** Where volumes are mounted: a folder of that user, empty. */
  data: '/data',
  /** Its own command, which an entry point of ours would otherwise take away. */
  command: ['node', 'apps/server/main.ts'],
  /** Asks with bash alone whether the process is well. */
  health: ['CMD', '/bin/bash', '/liaison/deploy/image/health.sh'],
} as const;
