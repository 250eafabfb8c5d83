/** The one class of undici that the ingress needs: importing the whole library costs 9 MB of memory. */
declare module 'undici/lib/dispatcher/client.js' {
  import type { Client } from 'undici';
  const client: typeof Client;
  export default client;
}
