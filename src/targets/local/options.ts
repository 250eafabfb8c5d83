/** Options of `target: local` in environments/*.yaml. */
import { z } from 'zod';

export const localOptions = z.strictObject({
  port: z
    .int()
    .min(1)
    .max(65_535)
    .optional()
    .describe('Port of the public address on 127.0.0.1. Default: 8080, or the next free one; PORT in the environment goes before.'),
  body: z
    .string()
    .regex(/^[1-9][0-9]*(Ki|Mi|Gi)$/)
    .optional()
    .describe('Largest request body that the ingress lets through, for example `100Mi`. Default: `100Mi`.'),
});
