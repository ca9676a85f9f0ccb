import { z } from 'zod';
import * as field from './fields.ts';

/** A service beside our own, as it is kept once its file was found to keep to the rules. */
export const furtherServiceSchema = z.strictObject({
  image: field.image,
  entrypoint: z.array(z.string().max(2000)).max(50).default([]),
  command: z.array(z.string().max(2000)).max(50).default([]),
  environment: z.record(z.string().regex(/^[A-Za-z_]\w{0,100}$/), z.string().max(4000)).default({}),
  /** `uid:gid`. */
  user: z.string().regex(/^\d{1,6}(:\d{1,6})?$/),
  /** Taken on the node itself. */
  ports: z
    .array(
      z.strictObject({ target: field.port, published: field.port, protocol: field.oneOf(['tcp', 'udp']) }),
    )
    .max(20)
    .default([]),
  /** Named volumes, by the folder where they are. */
  volumes: z.record(z.string().regex(/^\/[\w./-]{1,200}$/), field.name).default({}),
  /** Folders in memory. */
  scratch: z
    .array(z.string().regex(/^\/[\w./-]{1,200}$/))
    .max(20)
    .default([]),
  /** Names of files in the folder of secrets. */
  secrets: z.array(field.name).max(20).default([]),
  health: z.strictObject({
    test: z.array(z.string().max(2000)).min(2).max(20),
    interval: z.string().max(20).default('10s'),
    startPeriod: z.string().max(20).default('60s'),
  }),
  replicas: field.count(1, 64).default(1),
  memoryMb: field.count(4, 262_144),
  cpus: field.amount(0.01, 128),
});
export type FurtherService = z.output<typeof furtherServiceSchema>;
