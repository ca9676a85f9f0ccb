export { createLog, forRequest, type Log, type LogLevel, type LogOptions } from './log.ts';
