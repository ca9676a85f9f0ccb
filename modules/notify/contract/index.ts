export * from './api.ts';
export * from './events.ts';
export * from './news.ts';
export * from './preferences.ts';
export * from './push.ts';
export * from './ringing.ts';
