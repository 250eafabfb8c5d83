export { identifySelf, isAlive, type Identity } from '../exec/identity.ts';
