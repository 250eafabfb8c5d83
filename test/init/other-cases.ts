import { folder, json, lock } from './folder.ts';

const manage = "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'mysite.settings')";
const settings = (database: string): string =>
  `INSTALLED_APPS = [\n    'django.contrib.admin',\n]\nROOT_URLCONF = 'mysite.urls'\nDATABASES = { 'default': { ${database} } }\n`;
const postgres =
  "'ENGINE': 'django.db.backends.postgresql', 'NAME': os.environ['POSTGRES_DB'], 'USER': os.environ['POSTGRES_USER'], 'PASSWORD': os.environ['POSTGRES_PASSWORD'], 'HOST': os.environ.get('POSTGRES_HOST', 'localhost'), 'PORT': os.environ.get('POSTGRES_PORT', '5432')";

const djangoFiles = {
  'manage.py': manage,
  'mysite/__init__.py': '',
  'mysite/wsgi.py': 'application = get_wsgi_application()',
  'mysite/urls.py': "urlpatterns = [\n    path('admin/', admin.site.urls),\n]\n",
};

export const otherCases = {
  'django-postgres': folder(
    {
      ...djangoFiles,
      'requirements.txt': 'Django==5.2\ngunicorn==27.0.1\npsycopg[binary]==3.3\n',
      'mysite/settings.py': settings(postgres),
    },
    '/home/ana/mysite',
  ),
  'django-sqlite': folder({
    ...djangoFiles,
    'requirements.txt': 'Django>=5\n',
    'mysite/settings.py': settings("'ENGINE': 'django.db.backends.sqlite3'"),
  }),
  'django-health': folder({
    ...djangoFiles,
    'pyproject.toml': '[project]\ndependencies = [\n  "django>=5",\n  "gunicorn",\n  "psycopg2-binary",\n]\n',
    'mysite/urls.py': "path('healthz/', ok)\npath('api/', include('api.urls'))\n",
    'mysite/settings.py': "DATABASES = {'default': env.db('DATABASE_URL')}\nSECRET_KEY = os.environ['SECRET_KEY']",
  }),
  flask: folder({
    'requirements.txt': 'Flask==3.1\nredis\n',
    'app.py':
      "app = Flask(__name__)\n@app.route('/health')\ndef health(): return 'ok'\ncache = redis.from_url(os.getenv('REDIS_URL', 'redis://localhost:6379'))\n",
  }),
  'flask-factory': folder({
    'requirements.txt': 'flask\ngunicorn\nFlask-Migrate\npsycopg2\n',
    'shop/__init__.py': 'def create_app(config=None):\n    app = Flask(__name__)\n    uri = os.environ["SQLALCHEMY_DATABASE_URI"]\n',
    'migrations/env.py': '',
    'migrations/versions/1.py': '',
  }),
  fastapi: folder({
    'requirements.txt': 'fastapi\nuvicorn[standard]\nasyncpg\nalembic\n',
    'alembic.ini': '',
    'app/main.py': "app = FastAPI()\n@app.get('/api/items')\ndef items(): ...\nurl = os.environ['DATABASE_URL']\n",
  }),
  'fastapi-uv': folder({
    'pyproject.toml': '[project]\ndependencies = ["fastapi"]\n',
    'uv.lock': '',
    'main.py': 'from fastapi import FastAPI\napp: FastAPI = FastAPI()\n',
  }),
  'python-exposed': folder({
    'requirements.txt': 'mystery-framework\n',
    'app.py': 'import mystery\nmystery.serve()\n',
    Dockerfile: 'FROM python:3.12\nCOPY . .\nRUN pip install -r requirements.txt\nEXPOSE 8000\nCMD ["python", "app.py"]\n',
  }),
  'python-worker': folder({ 'requirements.txt': 'requests\n', 'worker.py': 'while True: work(os.environ["API_TOKEN"])\n' }),
  'go-plain': folder({
    'go.mod': 'module shop\n',
    'main.go':
      'package main\nfunc main() {\n\tport := os.Getenv("PORT")\n\tif port == "" { port = "8080" }\n\thttp.HandleFunc("/healthz", ok)\n\thttp.ListenAndServe(":"+port, nil)\n}\n',
  }),
  'go-postgres': folder({
    'go.mod': 'module shop\nrequire (\n\tgithub.com/jackc/pgx/v5 v5.7.0\n\tgithub.com/gin-gonic/gin v1.10.0\n)\n',
    'cmd/server/main.go':
      'package main\nfunc main() {\n\tr.GET("/api/things", list)\n\tr.GET("/api/health", ok)\n\tpgx.Connect(ctx, os.Getenv("DATABASE_URL"))\n\tr.Run(":9000")\n}\n',
    'cmd/seed/main.go': 'package main\nfunc main() {}\n',
  }),
  'procfile-python': folder({
    Procfile:
      'web: gunicorn shop.wsgi --bind 0.0.0.0:$PORT --workers 2\nworker: celery -A shop worker\nrelease: python manage.py migrate --noinput\n',
    'manage.py': manage,
    'requirements.txt': 'django\ngunicorn\ncelery\nredis\npsycopg\n',
    'shop/wsgi.py': '',
    'shop/settings.py': "BROKER = os.environ['REDIS_URL']\nDB = os.environ['DATABASE_URL']",
  }),
  'procfile-shell': folder({
    Procfile: 'web: node server.js --port $PORT && echo done\n',
    'package.json': json({ name: 'p', dependencies: { express: '5' } }),
    'package-lock.json': lock,
    'server.js': 'app.listen(process.env.PORT)',
  }),
  'dockerfile-only': folder({
    Dockerfile:
      'FROM rust:1 AS build\nEXPOSE 1\nRUN cargo build\nFROM debian:bookworm-slim\n# EXPOSE 2\nWORKDIR /app\nUSER 10001\nENV RUST_LOG=info\nEXPOSE 7070/tcp\nENTRYPOINT ["/usr/bin/tini", "--"]\nCMD ["./shop", \\\n  "--port", "7070"]\n',
  }),
  'dockerfile-shell': folder({ 'Dockerfile.prod': 'FROM python:3\nCMD python serve.py --port ${PORT:-8000} || exit 1\n' }),
  'dockerfile-conflict': folder({
    'package.json': json({ name: 'c', scripts: { start: 'node index.js' }, dependencies: { express: '5' } }),
    'package-lock.json': lock,
    'index.js': 'app.listen(4000)',
    Dockerfile: 'FROM node:24-alpine\nEXPOSE 3000\nCMD ["node", "index.js"]\n',
  }),
  'dockerfile-sets-port': folder({
    'package.json': json({ name: 'c', scripts: { start: 'node index.js' }, dependencies: { express: '5' } }),
    'package-lock.json': lock,
    'index.js': 'app.listen(process.env.PORT || 4000)',
    Dockerfile: 'FROM node:24-alpine\nENV PORT=8080 NODE_ENV=production\nEXPOSE 8080\n',
  }),
  compose: folder({
    'compose.yaml':
      'services:\n  backend:\n    build: ./backend\n    ports: ["8081:3030"]\n    environment:\n      DATABASE_URL: postgres://app:secret@database:5432/app\n      REDIS_HOST: redis\n      REDIS_PORT: 6379\n      LOG_LEVEL: ${LOG_LEVEL:-debug}\n      API_TOKEN: ${API_TOKEN}\n      CORS_ORIGIN: http://localhost:8080\n    depends_on: [database, redis]\n  frontend:\n    build: { context: ./frontend }\n    environment: ["BACKEND_URL=http://backend:3030", NODE_ENV=production]\n    ports: ["8080:8080"]\n  database:\n    image: postgres:16-alpine\n    environment: { POSTGRES_PASSWORD: secret }\n  redis: { image: "valkey/valkey:8-alpine" }\n  search: { image: "elasticsearch:9" }\n  proxy: { image: nginx }\n  adminer: { image: adminer }\n',
    'backend/package.json': json({
      name: 'backend',
      scripts: { start: 'node index.js' },
      dependencies: { express: '5', pg: '8', ioredis: '6' },
    }),
    'backend/package-lock.json': lock,
    'backend/index.js': "app.get('/api/x', x); app.listen(process.env.PORT || 3030)",
    'backend/Dockerfile': 'FROM node:24-alpine\nEXPOSE 3030\n',
    'frontend/package.json': json({
      name: 'frontend',
      scripts: { start: 'node server.js', build: 'vite build' },
      dependencies: { express: '5' },
      devDependencies: { vite: '8' },
    }),
    'frontend/package-lock.json': lock,
    'frontend/index.html': '',
    'frontend/server.js': "app.use(express.static('dist')); app.listen(process.env.PORT || 8080); fetch(process.env.BACKEND_URL)",
  }),
  'compose-broken': folder({
    'docker-compose.yml': 'services: [\n  - oops',
    'package.json': json({ name: 'b', scripts: { start: 'node i.js' }, dependencies: { express: '5' } }),
    'package-lock.json': lock,
    'i.js': 'app.listen(process.env.PORT || 3000)',
  }),
  'compose-bomb': folder({
    'compose.yaml': `a: &a [x,x]\n${Array.from({ length: 40 }, (_, i) => `b${i}: &b${i} [*${i === 0 ? 'a' : `b${i - 1}`},*${i === 0 ? 'a' : `b${i - 1}`}]`).join('\n')}\nservices: { web: { build: ., environment: *b39 } }\n`,
    'index.html': '<html></html>',
  }),
  'compose-sqlalchemy': folder({
    'compose.yml':
      'services:\n  app:\n    build: .\n    environment:\n      DATABASE_URL: postgresql+psycopg://u:p@db/app\n  db: { image: postgres:17 }\n',
    'requirements.txt': 'flask\ngunicorn\npsycopg\nsqlalchemy\n',
    'app.py': "app = Flask(__name__)\nos.environ['DATABASE_URL']\n",
  }),
  'static-html': folder({ 'index.html': '<html></html>', 'style.css': '', 'img/logo.png': 1200 }),
  'static-public': folder({ 'public/index.html': '<html></html>', 'README.md': '' }),
  'static-and-api': folder({
    'site/index.html': '<html></html>',
    'api/package.json': json({ scripts: { start: 'node s.js' }, dependencies: { express: '5' } }),
    'api/package-lock.json': lock,
    'api/s.js': "app.get('/api/count', c); app.get('/api/health', ok); app.listen(process.env.PORT || 3000)",
  }),
  'two-servers-many-paths': folder({
    'web/package.json': json({ scripts: { start: 'next start', build: 'next build' }, dependencies: { next: '16' } }),
    'web/package-lock.json': lock,
    'users/package.json': json({ scripts: { start: 'node s.js' }, dependencies: { express: '5' } }),
    'users/package-lock.json': lock,
    'users/s.js': "app.get('/users', u); app.get('/groups', g); app.listen(process.env.PORT || 3001)",
    'orders/package.json': json({ scripts: { start: 'node s.js' }, dependencies: { express: '5' } }),
    'orders/package-lock.json': lock,
    'orders/s.js': "app.get('/users', u); app.listen(process.env.PORT || 3002)",
  }),
  'hostile-names': folder(
    {
      'fröntend "x"\n# {}/package.json': json({ name: 'x', scripts: { start: 'node "a b.js"' }, dependencies: { express: '5' } }),
      'fröntend "x"\n# {}/a b.js': 'app.listen(process.env.PORT || 3000)',
      'wéb "ui" {$x}/package.json': json({ name: 'x', scripts: { start: 'node "a b.js"' }, dependencies: { express: '5' } }),
      'wéb "ui" {$x}/a b.js': 'app.listen(process.env.PORT || 3000)',
      '#api: [/package.json': json({ scripts: { start: 'node s.js' }, dependencies: { express: '5' } }),
      '#api: [/s.js': "app.get('/api/x', x); app.listen(process.env.PORT || 3001)",
      '__proto__/package.json': json({ scripts: { start: 'node s.js' }, dependencies: { express: '5' } }),
      '__proto__/s.js': 'app.listen(process.env.PORT || 3002)',
    },
    '/home/ana/数据',
  ),
  'hostile-package': folder({
    'package.json':
      '{"name": 7, "scripts": {"start": ["x"], "build": "b"}, "dependencies": {"__proto__": "1", "constructor": "1", "express": "5"}, "workspaces": "no", "main": "index.js"}',
    'index.js': 'app.listen(3000)\n'.repeat(3000),
  }),
  'huge-files': folder({
    'package.json': json({ name: 'h', scripts: { start: 'node index.js' }, dependencies: { express: '5' } }),
    'package-lock.json': 50_000_000,
    'index.js': 90_000_000,
    'dump.sql': 4_000_000_000,
  }),
  'conflicting-lockfiles': folder({
    'package.json': json({ name: 'l', packageManager: 'yarn@4.9.0', scripts: { start: 'node index.js' }, dependencies: { express: '5' } }),
    'package-lock.json': lock,
    'yarn.lock': '',
    'index.js': 'app.listen(process.env.PORT || 3000)',
  }),
  'tests-and-examples-do-not-count': folder({
    'package.json': json({ name: 't', scripts: { start: 'node index.js' }, dependencies: { express: '5' } }),
    'package-lock.json': lock,
    'index.js': 'app.listen(process.env.PORT || 3000)',
    'index.test.js': "app.get('/health'); app.listen(9999)",
    'examples/demo/package.json': json({ scripts: { start: 'node d.js' } }),
    'test/fixtures/app/Dockerfile': 'FROM x\nEXPOSE 1',
  }),
};
