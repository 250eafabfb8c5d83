/** How a browser comes to speak to the server: the word in the link is good once, and gives a token that travels in a header. */
import { z } from 'zod';

/** Header that carries the token, with every request but the one that gets it. */
export const tokenHeader = 'x-gantry-token';

export const sessionInput = z.strictObject({
  /** From the part of the link behind `#`, which no server and no Referer ever sees. */
  launch: z.string().min(1).max(200),
});

export const session = z.strictObject({
  /** 256 bits, base64url. */
  token: z.string(),
  /** A token that is used stays good; one that was not used for this long does not. */
  idleMs: z.number(),
});
export type Session = z.infer<typeof session>;
