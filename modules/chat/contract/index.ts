export * from './api.ts';
export * from './attachments.ts';
export * from './events.ts';
export * from './excerpt.ts';
export * from './message.ts';
export * from './slots.ts';
