export * from './api.ts';
export * from './appointment.ts';
export * from './calendar.ts';
export * from './events.ts';
export * from './slots.ts';
export * from './zone-time.ts';
