import { defineConfig } from 'vitest/config';

/** Their time goes into programs that they start (bash, openssl, node): a project of their own, so that the rest answers at once. */
const STARTS_PROGRAMS = [
  'scripts/{init-secrets,rotate-secret,pki,ops_cli,secret-scan,container-healthcheck}.test.ts',
  'scripts/{bundle/bundle,fleet/secrets,fleet/supervised-process,render/render}.test.ts',
  'scripts/monitoring/certificate-metrics.test.ts',
  'packages/shared/src/lifecycle/run-service.test.ts',
  'packages/testkit/src/infrastructure/managed-process.test.ts',
];
const INTEGRATION = '**/*.int.test.ts';
const INSTALLED = '**/node_modules/**';
/** Gives the run a temporary folder and takes it away. */
const TEMPORARY_FOLDER = 'packages/testkit/src/infrastructure/temporary-folder.ts';
// A hang fails; a slow machine does not.
const PATIENCE = { testTimeout: 120_000, hookTimeout: 120_000 };
/** All cores: by itself vitest leaves one free, of two that is half. */
const maxWorkers = '100%';

export default defineConfig({
  test: {
    passWithNoTests: false,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{packages,services}/*/src/**/*.test.ts', '{scripts,test,bench}/**/*.test.ts'],
          exclude: [...STARTS_PROGRAMS, INTEGRATION, INSTALLED],
          globalSetup: [TEMPORARY_FOLDER],
          maxWorkers,
          // Files share their worker's modules: half of the time went into loading zod, express and the like anew.
          isolate: false,
          ...PATIENCE,
        },
      },
      {
        test: {
          name: 'programs',
          include: STARTS_PROGRAMS,
          exclude: [INTEGRATION, INSTALLED],
          globalSetup: [TEMPORARY_FOLDER],
          maxWorkers,
          ...PATIENCE,
        },
      },
      {
        test: {
          name: 'int',
          include: ['{packages,services}/*/src/**/*.int.test.ts', 'test/**/*.int.test.ts'],
          exclude: [INSTALLED],
          globalSetup: ['packages/testkit/src/infrastructure/global-setup.ts', TEMPORARY_FOLDER],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          maxWorkers: 2,
        },
      },
    ],
  },
});
