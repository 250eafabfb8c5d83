/** Options of `target: local` in environments/*.yaml. */
import { size, strict, whole } from '../../app/schema-parts.ts';

export const localOptions = strict(
  {
    port: whole(1, 65_535)
      .optional()
      .describe('Port of the public address on 127.0.0.1. Default: 8080, or the next free one; PORT in the environment goes before.')
      .meta({ examples: [8080] }),
    body: size
      .optional()
      .describe('Largest request body that the ingress lets through. Default: `100Mi`.')
      .meta({ examples: ['100Mi'] }),
  },
  'a mapping of options',
);
