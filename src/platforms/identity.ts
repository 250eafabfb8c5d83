export { identifySelf, type Identity } from '../exec/identity.ts';
