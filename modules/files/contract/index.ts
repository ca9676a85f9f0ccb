export * from './api.ts';
export * from './decode-text.ts';
export * from './events.ts';
export * from './name.ts';
export * from './node.ts';
export * from './order.ts';
export * from './preview.ts';
