export { createToken, hashToken, masterKeyFile, openSecrets, SealError, type Secrets } from './secrets.ts';
