import type { Problem } from '../issue.ts';
import type { Rule } from './rule.ts';

/** What Gantry does not look after has no disk here. */
export const resourceRule: Rule = ({ raw }) =>
  Object.entries(raw.resources ?? {}).flatMap(([name, resource]): Problem[] =>
    resource.external === undefined || resource.storage === undefined
      ? []
      : [
          {
            code: 'GA1013',
            path: ['resources', name, 'storage'],
            at: 'key',
            message: '`storage` and `external` exclude each other',
            fix: "delete `storage`: the disk of an external server is not Gantry's",
          },
        ],
  );
