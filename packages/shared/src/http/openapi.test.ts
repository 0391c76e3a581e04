import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { endpoint, openApiDocument, openApiYaml } from './index.ts';
import { lampEndpoints } from './test-app.fixture.ts';

const options = {
  service: 'lamps',
  title: 'Lamps',
  version: '1.0.0',
  description: 'Switches lamps.',
  endpoints: lampEndpoints,
};

describe('openApiDocument', () => {
  // Read back as plain data: tests look at what stands in the file.
  const document = parse(openApiYaml(options));

  it('has the common four and every endpoint', () => {
    expect(document.openapi).toBe('3.1.0');
    expect(document.info).toEqual({ title: 'Lamps', version: '1.0.0', description: 'Switches lamps.' });
    const paths = [
      '/health',
      '/ready',
      '/metrics',
      '/status',
      ...new Set(lampEndpoints.map(({ path }) => path)),
    ];
    expect(Object.keys(document.paths)).toEqual(paths);
  });

  it('describes parameters, body and answers by their schemas', () => {
    const get = document.paths['/lamps/{id}'].get;
    expect(
      get.parameters.map((each: { in: string; name: string; required?: boolean }) => [
        each.in,
        each.name,
        each.required,
      ]),
    ).toEqual([
      ['path', 'id', true],
      ['query', 'detail', undefined],
    ]);
    const post = document.paths['/lamps'].post;
    expect(post.requestBody).toMatchObject({ required: true });
    const schema = post.requestBody.content['application/json'].schema;
    expect(schema).toMatchObject({ required: ['name'], additionalProperties: false });
    expect(schema.properties.place.additionalProperties).toBe(false);
    expect(Object.keys(post.responses)).toEqual(['201', '400', '409', '413', '415', 'default']);
    expect(post.responses['400'].content['application/problem+json'].schema).toEqual({
      $ref: '#/components/schemas/Problem',
    });
  });

  it('marks admin routes and the idempotency header', () => {
    const admin = document.paths['/admin/lamps/halt'].post;
    expect(admin.security).toEqual([{ adminToken: [] }]);
    expect(admin.responses['401'].description).toBe('ADMIN_TOKEN_MISSING, ADMIN_TOKEN_WRONG');
    expect(document.components.securitySchemes.adminToken).toEqual({
      type: 'apiKey',
      in: 'header',
      name: 'X-Admin-Token',
    });
    const header = (path: string) =>
      document.paths[path].post.parameters?.find((each: { name: string }) => each.name === 'Idempotency-Key')
        ?.required;
    expect([header('/lamps/all-off'), header('/lamps'), header('/check')]).toEqual([
      true,
      undefined,
      undefined,
    ]);
    expect(document.paths['/lamps'].post.security).toBeUndefined();
  });

  it('describes raw endpoints by their content types', () => {
    const raw = document.paths['/raw'].post;
    expect(Object.keys(raw.requestBody.content)).toEqual(['text/plain']);
    expect(Object.keys(raw.responses['200'].content)).toEqual(['text/plain']);
  });

  it('is the same each time', () => {
    expect(openApiYaml(options)).toBe(openApiYaml(options));
  });

  it('refuses a code that nobody defined', () => {
    const odd = endpoint({
      method: 'get',
      path: '/odd',
      summary: 'x',
      errors: ['NO_SUCH_CODE'],
      response: z.object({}),
      handle: () => ({}),
    });
    expect(() => openApiDocument({ ...options, endpoints: [odd] })).toThrow(
      'error code NO_SUCH_CODE is not defined',
    );
  });
});
