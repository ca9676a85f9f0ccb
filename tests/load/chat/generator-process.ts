import { type GeneratorProcess, startGeneratorProcess } from '../measure/generator-process.ts';
import type { Answer, Order } from './room.ts';

export type Generator = GeneratorProcess<Order, Answer>;

/** Starts the load generator on its own core. */
export const startGenerator = (): Generator =>
  startGeneratorProcess<Order, Answer>(new URL('./generator.ts', import.meta.url));
