export * from './api.ts';
export * from './events.ts';
export * from './name.ts';
export * from './node.ts';
export * from './order.ts';
