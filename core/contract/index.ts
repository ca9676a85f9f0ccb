export * from './actor.ts';
export * from './command.ts';
export * from './event.ts';
export * from './live-protocol.ts';
export * from './page.ts';
export * from './problem.ts';
export * from './route.ts';
export * from './upkeep.ts';
