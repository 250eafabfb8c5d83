/** G01: what one replica keeps to itself, the others do not have. */
import { references } from '../app/references.ts';
import type { Service } from '../app/model.ts';
import type { Finding, GuardContext, Rule } from './guard.ts';
import { heldInMemory, writesData } from './look/memory.ts';
import { bracketed, withoutComments } from './look/code.ts';
import { lineAt, packageOf, type TextFile } from './look/files.ts';
import { serverFiles } from './look/program.ts';

export const stateInMemory: Rule = {
  text: {
    id: 'G01',
    title: 'data in the memory or on the disk of one replica',
    severity: 'block, also for `up`',
    cause:
      'A service with several replicas, or one that may be scaled to several, keeps what people enter in a variable, in the memory store of its sessions, in a file or in a database file of its own. Each replica has its own, and a release begins with none.',
    fix: 'Bind a database or redis and keep the data there, or run one replica until you do: `replicas: 1`.',
    example: 'web runs 2 replicas but keeps its data in memory  list.js:5',
  },
  needs: 'files',
  stopsUp: true,
  find: (context) => Object.values(context.app.services).flatMap((service) => findingsOf(context, service)),
};

function findingsOf(context: GuardContext, service: Service): Finding[] {
  if (service.kind !== 'web' || service.scale.max < 2 || service.build === undefined) return [];
  const bound = isBound(context, service);
  const used = packageOf(context, service)?.dependencies ?? new Set<string>();
  if (bound && !used.has('express-session') && !used.has('multer')) return [];
  const written = serverFiles(context, service);
  if (!used.has('express-session') && !written.some(({ text }) => writesData(text))) return [];
  const files = written.map(({ path, text }) => ({ path, text: withoutComments(text, path) }));
  const kept = sessionsInMemory(files, used) ?? uploadsOnDisk(files, used) ?? (bound ? undefined : dataOfOne(files, used));
  return kept === undefined ? [] : [finding(context, service, kept)];
}

interface Kept {
  readonly what: string;
  readonly where: string;
  readonly why: string;
  readonly fix: string;
}

function finding(context: GuardContext, { name, scale }: Service, { what, where, why, fix }: Kept): Finding {
  const count = scale.min === scale.max ? `${scale.max}` : `up to ${scale.max}`;
  const key = scale.min === scale.max ? 'replicas' : 'scale';
  const alone = `set replicas: 1 (${context.locate(`services.${name}.${key}`)})`;
  return { id: 'G01', severity: 'block', message: `${name} runs ${count} replicas but ${what}`, where, why, fix: `${fix}, or ${alone}.` };
}

/** Names of variables and secrets that lead to a store that all replicas share. */
const storeName =
  /(?:^|_)(?:DATABASE|DB|PG\w*|POSTGRES\w*|MYSQL\w*|MARIADB\w*|MONGO\w*|REDIS\w*|VALKEY\w*|SQL\w*|DSN|S3|BUCKET|SUPABASE|FIREBASE|KAFKA|AMQP|RABBIT\w*|ELASTIC\w*|CASSANDRA|MEMCACHED?\w*)(?:_|$)/i;
const storeClients =
  'pg postgres mysql mysql2 mariadb mongodb mongoose redis ioredis @prisma/client mssql tedious @supabase/supabase-js firebase-admin @libsql/client cassandra-driver couchbase nano neo4j-driver'.split(
    ' ',
  );

/** Whether it can keep its data where all replicas find it. */
function isBound(context: GuardContext, service: Service): boolean {
  const bound = Object.values(service.variables).some((template) =>
    references(template).some(({ name }) => Object.hasOwn(context.app.resources, name)),
  );
  if (bound || [...Object.keys(service.variables), ...service.secrets].some((name) => storeName.test(name))) return true;
  const used = packageOf(context, service)?.dependencies;
  return storeClients.some((client) => used?.has(client) === true);
}

function sessionsInMemory(files: readonly TextFile[], used: ReadonlySet<string>): Kept | undefined {
  if (!used.has('express-session')) return undefined;
  return firstIn(files, /\bsession\s*\(\s*(?=\{)/g, ({ path, text }, match) => {
    const options = bracketed(text, match.index + match[0].length);
    if (!text.includes('express-session') || /\bstore\b|\.\.\./.test(options)) return undefined;
    return {
      what: 'keeps its sessions in memory',
      where: `${path}:${lineAt(text, match.index)}`,
      why: 'Only the replica that signed somebody in knows them, so every other request finds them signed out, and so does every release.',
      fix: 'Give express-session a store that all replicas share (redis or the database)',
    };
  });
}

const objectStore = /s3|minio|storage|cloudinary|blob/i;

/** A file that is read and removed again was only on its way. */
function uploadsOnDisk(files: readonly TextFile[], used: ReadonlySet<string>): Kept | undefined {
  if (!used.has('multer') || [...used].some((name) => objectStore.test(name))) return undefined;
  if (files.some(({ text }) => /\b(?:unlink|unlinkSync|rm|rmSync)\s*\(/.test(text))) return undefined;
  return firstIn(files, /\bmulter\s*\(\s*\{\s*dest\b|\bmulter\.diskStorage\s*\(/g, ({ path, text }, match) => ({
    what: 'keeps uploads on its own disk',
    where: `${path}:${lineAt(text, match.index)}`,
    why: 'The other replicas do not have these files, and the next release begins without them.',
    fix: 'Keep uploads in the database or in an object store',
  }));
}

function dataOfOne(files: readonly TextFile[], used: ReadonlySet<string>): Kept | undefined {
  if (!files.some(({ text }) => writesData(text))) return undefined;
  return inOwnDatabase(files, used) ?? inOwnFile(files) ?? inMemory(files);
}

function inMemory(files: readonly TextFile[]): Kept | undefined {
  const [held] = heldInMemory(files);
  if (held === undefined) return undefined;
  return {
    what: 'keeps its data in memory',
    where: `${held.path}:${held.line}`,
    why: `Each replica has a ${JSON.stringify(held.name.replace('#', ''))} of its own, so people will see what they entered appear and vanish.`,
    fix: 'Bind a database (resources: { db: { type: postgres, version: 17 } })',
  };
}

const fileDatabases = ['better-sqlite3', 'sqlite3', 'sqlite', 'lowdb', 'nedb', '@seald-io/nedb', 'node-json-db', 'node-persist'];

function inOwnDatabase(files: readonly TextFile[], used: ReadonlySet<string>): Kept | undefined {
  const name = fileDatabases.find((one) => used.has(one));
  const opened = new RegExp(
    [
      ...(name === undefined ? [] : [String.raw`['"]${name}(?:/[\w./-]*)?['"]`]),
      String.raw`['"]node:sqlite['"]`,
      String.raw`\bsqlite3\.connect\s*\(`,
      String.raw`sqlite(?:\+\w+)?:///`,
      String.raw`django\.db\.backends\.sqlite3`,
    ].join('|'),
    'g',
  );
  return firstIn(files, opened, ({ path, text }, match) => ({
    what: 'keeps its data in a database file of its own',
    where: `${path}:${lineAt(text, match.index)}`,
    why: 'Each replica has a file of its own, so people will see what they entered appear and vanish, and a release begins with none.',
    fix: 'Bind a database (resources: { db: { type: postgres, version: 17 } })',
  }));
}

const dataFile = String.raw`['"\`][^'"\`\n]*\.(?:json|csv|txt|db|ndjson)['"\`]`;

function inOwnFile(files: readonly TextFile[]): Kept | undefined {
  return firstIn(files, /\b(?:writeFile|writeFileSync|appendFile|appendFileSync)\s*\(\s*([^,\n]+),/g, ({ path, text }, match) => {
    const target = match[1]?.trim() ?? '';
    const literal = new RegExp(dataFile).test(target);
    const named =
      /^\w+$/.test(target) && new RegExp(String.raw`^(?:export\s+)?(?:const|let|var)\s+${target}\s*=[^;\n]*${dataFile}`, 'm').test(text);
    const elsewhere = /tmp|process\.env/i.test(target) || !(literal || named);
    return elsewhere
      ? undefined
      : {
          what: 'writes its data to a file of its own',
          where: `${path}:${lineAt(text, match.index)}`,
          why: 'The other replicas do not have this file, and the next release begins without it.',
          fix: 'Bind a database (resources: { db: { type: postgres, version: 17 } })',
        };
  });
}

function firstIn(
  files: readonly TextFile[],
  pattern: RegExp,
  judge: (file: TextFile, match: RegExpExecArray) => Kept | undefined,
): Kept | undefined {
  for (const file of files) {
    for (const match of file.text.matchAll(pattern)) {
      const kept = judge(file, match);
      if (kept !== undefined) return kept;
    }
  }
  return undefined;
}
