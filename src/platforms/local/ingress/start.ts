/** What an ingress process is started with. */
import type { WatchOptions } from './watch.ts';

/** JSON in the environment variable GANTRY_INGRESS. */
export interface IngressStart {
  /** Where the control socket is made. */
  readonly controlSocket: string;
  /** Read at start if it exists. */
  readonly tableFile: string;
  /** The access log; without it requests are not logged. */
  readonly accessLog?: string;
  /** The supervisor to look after; without it nobody is started. */
  readonly supervisor?: Omit<WatchOptions, 'listenFd'>;
  readonly maxConnections?: number;
  /** Listening sockets of internal addresses that the process has inherited. Those that no table asks for are closed. */
  readonly inherited?: readonly InheritedSocket[];
}

export interface InheritedSocket {
  /** On 127.0.0.1. */
  readonly port: number;
  /** Its descriptor. */
  readonly fd: number;
}
