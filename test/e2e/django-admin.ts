/** The admin site of Django, used over HTTP as a browser does: forms, cookies, the token against forged requests. */
import { send, type Answer } from '../rig/load.ts';

export interface Admin {
  addGroup(name: string): Promise<void>;
  /** The page that lists the groups. */
  groups(): Promise<string>;
  /** The same session at another address. */
  at(url: string): Admin;
}

export async function signInToAdmin(url: string, username: string, password: string): Promise<Admin> {
  const jar = new Map<string, string>();
  await post(url, jar, '/admin/login/', { username, password, next: '/admin/' });
  if (!jar.has('sessionid')) throw new Error('the admin site did not sign in');
  return admin(url, jar);
}

function admin(url: string, jar: Map<string, string>): Admin {
  return {
    addGroup: async (name) => {
      const { status } = await post(url, jar, '/admin/auth/group/add/', { name });
      if (status !== 302) throw new Error(`the group was not added: ${status}`);
    },
    groups: async () => (await visit(url, jar, 'GET', '/admin/auth/group/')).body,
    at: (other) => admin(other, jar),
  };
}

/** Gets the form for its token, then sends it. */
async function post(url: string, jar: Map<string, string>, path: string, fields: Readonly<Record<string, string>>): Promise<Answer> {
  const form = await visit(url, jar, 'GET', path);
  const token = /name="csrfmiddlewaretoken" value="([^"]+)"/.exec(form.body)?.[1] ?? '';
  return visit(url, jar, 'POST', path, new URLSearchParams({ csrfmiddlewaretoken: token, ...fields }).toString());
}

async function visit(url: string, jar: Map<string, string>, method: string, path: string, body?: string): Promise<Answer> {
  const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
  const headers = { cookie, 'content-type': 'application/x-www-form-urlencoded' };
  const answer = await send(url, { method, path, headers, ...(body === undefined ? {} : { body }) });
  for (const line of answer.headers['set-cookie'] ?? []) {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    jar.set(name, value);
  }
  return answer;
}
