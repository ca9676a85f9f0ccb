export * from './content-disposition.ts';
export * from './cross-site.ts';
export * from './http.ts';
export * from './openapi.ts';
export * from './read-bounded.ts';
export * from './security-headers.ts';
export * from './web-app.ts';
export * from './well-formed.ts';
