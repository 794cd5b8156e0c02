export { NodeProcessIdentity } from './process/node-process-identity.js';
