import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type ApiDescription, openApiYaml } from '@fleet/shared/http';
import type { Generated, GeneratedFile } from './generated-files.ts';

export const OPENAPI_FOLDER = 'openapi';
const ROUTES = 'src/http/routes.ts';

/** `openapi/<service>.yaml` from the `api` that each service's routes export. */
export async function openApiFiles(root: string, version: string): Promise<Generated> {
  const files: GeneratedFile[] = [];
  const problems: string[] = [];
  for (const service of serviceFolders(root)) {
    try {
      const api = await loadApi(root, service);
      files.push({ path: `${OPENAPI_FOLDER}/${service}.yaml`, content: openApiYaml({ ...api, version }) });
    } catch (error) {
      problems.push(`${OPENAPI_FOLDER}/${service}.yaml: ${(error as Error).message}`);
    }
  }
  return { files, problems };
}

export function serviceFolders(root: string): readonly string[] {
  return readdirSync(join(root, 'services'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(root, 'services', entry.name, 'package.json')))
    .map(({ name }) => name)
    .sort();
}

/** The routes of a service, as its `src/http/routes.ts` exports them. */
export async function loadApi(root: string, service: string): Promise<ApiDescription> {
  const file = join(root, 'services', service, ROUTES);
  if (!existsSync(file)) throw new Error(`services/${service}/${ROUTES} is missing`);
  const { api } = (await import(pathToFileURL(file).href)) as { api?: ApiDescription };
  if (api === undefined) throw new Error(`services/${service}/${ROUTES} does not export \`api\``);
  if (api.service !== service) throw new Error(`its \`api\` says service "${api.service}"`);
  return api;
}
