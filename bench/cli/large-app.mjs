/**
 * An app with many services, each written out in full as people write them (26 lines), all of them valid on the local target.
 * @param {number} size
 * @returns {{ yaml: string, folders: string[] }} the file, and the folders that it names
 */
export function largeApp(size) {
  const names = Array.from({ length: size }, (_, index) => `service-${index + 1}`);
  const yaml = [
    'gantry: 1',
    'app: large',
    'services:',
    ...names.map(service),
    'resources:',
    '  db:',
    '    type: postgres',
    '    version: 17',
    '',
  ];
  return { yaml: yaml.join('\n'), folders: names };
}

function service(name, index) {
  return `  ${name}:
    build: ./${name}
    prepare:
      - npm ci
      - npm run build
    run: node dist/main.js
    port: ${3000 + (index % 5000)}
    route: /${name}
    health:
      path: /${name}/health/ready
      live: /${name}/health/live
      interval: 2s
      timeout: 1s
      rise: 2
      fall: 3
    limits:
      cpu: 0.25
      memory: 128Mi
    scale:
      min: 1
      max: 4
      cpu: 70
    variables:
      DATABASE_URL: "\${db.url}"
      LOG_LEVEL: info
      NAME: ${name}`;
}
