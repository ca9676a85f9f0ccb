export { isPublicAddress } from './addresses.ts';
export { createOutgoing, type Outgoing, OutgoingRefused, type OutgoingRequest } from './outgoing.ts';
