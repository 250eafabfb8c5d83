import { main } from '../../src/platforms/local/ingress/main.ts';

void main();
