/** The real ingress for tests. */
import { main } from '../../ingress/main.ts';

await main();
