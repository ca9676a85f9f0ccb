export * from './api.ts';
export * from './call.ts';
export * from './commands.ts';
export * from './events.ts';
export * from './feature-codes.ts';
export * from './ice-servers.ts';
export * from './slots.ts';
