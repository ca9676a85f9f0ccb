export * from './api.ts';
export * from './contact.ts';
export * from './contacts.ts';
export * from './events.ts';
export * from './import.ts';
export * from './settings.ts';
export * from './slots.ts';
