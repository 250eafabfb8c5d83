import { describe, expect, it } from 'vitest';
import { mapValues } from '../app/normalize.ts';
import { contextOf, elsewhere, findings, found, plain, webApp } from './testing/app-folder.ts';

/** Made up, in parts, so that nothing here looks like one to a scanner. */
const random = ['q7Rz', 'PX2v', 'mK9s', 'Lw4T', 'b8Yd'].join('');
const accessKey = ['AKIA', 'Q4T7XW2M', 'ZP9LK3VB'].join('');
const liveKey = ['sk', 'live', random].join('_');

describe('G06: secrets in files', () => {
  it('finds them in variables, overrides and build arguments, and never shows them', async () => {
    const text = webApp(...plain, 'variables:', `  MAIL_KEY: ${random}`);
    const all = await findings('G06', { files: { 'gantry.yaml': text } });
    expect(all).toEqual([
      {
        id: 'G06',
        severity: 'block',
        message: 'MAIL_KEY of web looks like a real secret',
        where: 'gantry.yaml:11:7',
        why: 'Everybody who can read the file, or its history, has it.',
        fix: 'Delete the line, add MAIL_KEY to secrets, and enter it: gantry secret set local MAIL_KEY',
      },
    ]);
    expect(JSON.stringify(all)).not.toContain(random);
    const override = {
      'gantry.yaml': webApp(...plain),
      'environments/staging.yaml': `target: local\nservices:\n  web:\n    variables: { STORE: ${accessKey} }\n`,
    };
    expect(await found('G06', { files: override, environment: 'staging' })).toEqual([
      'block: STORE of web looks like a cloud access key  environments/staging.yaml:4:18',
    ]);
    const built = webApp(...plain).replace('build: ./web', `build: { context: ./web, args: { SHOP: ${liveKey} } }`);
    expect(await found('G06', { files: { 'gantry.yaml': built } })).toEqual([
      'block: the build argument SHOP of web looks like a live Stripe key  gantry.yaml:5:38',
    ]);
  });

  it('finds them in Dockerfiles, with the line of the instruction', async () => {
    const docker = (line: string): Record<string, string> => ({
      'gantry.yaml': webApp(...plain),
      'web/Dockerfile': `FROM node:24-alpine\n${line}\n`,
    });
    expect(await found('G06', { files: docker(`ENV A=1 \\\n  API_TOKEN=${random}`) })).toEqual([
      'block: ENV API_TOKEN of web looks like a real secret  web/Dockerfile:2',
    ]);
    expect(await found('G06', { files: docker(`RUN curl -H "Bearer ${liveKey}" example.com`) })).toEqual([
      'block: an instruction of the Dockerfile of web has a live Stripe key  web/Dockerfile:2',
    ]);
    expect(await found('G06', { files: docker('ENV API_TOKEN=changeme\nARG DATABASE_PASSWORD') })).toEqual([]);
  });

  it('finds them in .env files that become content: they block where content is shipped', async () => {
    const files = { 'gantry.yaml': webApp(...plain), 'web/.env': `# local\nDEBUG=1\nexport SIGNING_KEY="${random}"\n` };
    expect(await found('G06', { files })).toEqual(['warn: SIGNING_KEY in .env of web looks like a real secret  web/.env:3']);
    expect(await found('G06', { files, more: { target: elsewhere() } })).toEqual([
      'block: SIGNING_KEY in .env of web looks like a real secret  web/.env:3',
    ]);
    for (const ignore of ['.env', '**/.env', '.env*', '*', '/.env'])
      expect(await found('G06', { files: { ...files, 'web/.dockerignore': `node_modules\n${ignore}\n` } })).toEqual([]);
    expect(await found('G06', { files: { ...files, 'web/.dockerignore': '*\n!.env\n' } })).toHaveLength(1);
  });

  it('finds known formats in the source, when something is about to be released', async () => {
    const files = { 'gantry.yaml': webApp(...plain), 'web/server.js': `\nconst stripe = new Stripe('${liveKey}');\n` };
    expect(await found('G06', { files })).toEqual(['block: the source of web has a live Stripe key  web/server.js:2']);
    expect(await found('G06', { files, more: { purpose: 'check' } })).toEqual([]);
  });

  it('is quiet about examples, references, settings and names', async () => {
    const values = [
      'LOG_LEVEL: info',
      'STRIPE_PUBLIC_KEY: pk_test_4eC39HqLyjWDarjtT1zdp7dc',
      'TOKEN_TTL: 36000000000000',
      'CACHE_KEY_PREFIX: shop-9f8e7d6c5b4a',
      'AUTH_ISSUER: "https://id.example.com/realms/shop-42"',
      'SALT: change-me',
      'SIGNING_KEY: "${db.host}-4f9c2ab81d"',
      'AUTH_METHOD: password-and-code-2',
    ];
    const text = `${webApp(...plain, 'variables:', ...values.map((value) => `  ${value}`))}resources: { db: { type: postgres, version: 17 } }\n`;
    const files = {
      'gantry.yaml': text,
      'web/.env.example': `API_KEY=${random}\n`,
      'web/.env': 'API_KEY=your-key-here\nPASSWORD=postgres\n',
    };
    expect(await found('G06', { files })).toEqual([]);
  });
});

describe('G02: images that change', () => {
  const docker = async (text: string, more = {}): Promise<string[]> =>
    found('G02', { files: { 'gantry.yaml': webApp(...plain), 'web/Dockerfile': text }, more });

  it('finds bases without a version, and blocks where containers run', async () => {
    expect(await docker('# base\nFROM node:latest\n')).toEqual(['warn: the base image node:latest is not pinned  web/Dockerfile:2']);
    expect(await docker('FROM registry.example.com:5000/team/node AS build\n', { target: elsewhere() })).toEqual([
      'block: the base image registry.example.com:5000/team/node is not pinned  web/Dockerfile:1',
    ]);
    expect(await docker('ARG TAG=main\nFROM --platform=linux/amd64 shop:${TAG}\n')).toEqual([
      'warn: the base image shop:main is not pinned  web/Dockerfile:2',
    ]);
  });

  it('accepts versions, digests, stages, scratch and what cannot be read', async () => {
    const stages = 'ARG NODE=24-alpine\nFROM node:${NODE} AS build\nFROM scratch\nFROM build\nFROM ${BASE}\n';
    expect(await docker(`${stages}FROM debian@sha256:${'a'.repeat(64)}\n`)).toEqual([]);
  });

  it('finds an image of a service without a digest', async () => {
    const files = { 'gantry.yaml': webApp(...plain) };
    const image = 'shop/api:latest';
    const { app } = await contextOf({ files });
    const changed = { ...app, services: mapValues(app.services, (service) => ({ ...service, image })) };
    const [finding] = await findings('G02', { files, more: { app: changed } });
    expect(finding).toMatchObject({
      severity: 'block',
      message: 'the image shop/api:latest of web has no digest',
      where: 'gantry.yaml:4:3',
      fix: `Pin it: ${image}@sha256:...`,
    });
  });
});
