import { endpoint } from '@fleet/shared/http';
import { z } from 'zod';
import { loadDeployments, loadVersions } from '../optimizer/version-reader.ts';
import { applyDeployment, type Stacks, speaking } from '../versions/deployments.ts';
import type { ParameterVersion } from '../versions/version.ts';
import type { OptimizerDeps } from './deps.ts';
import { deploymentView, parametersField, symbolField, versionView } from './fields.ts';

const speakingView = z
  .object({
    symbol: z.string(),
    strategy: z.string(),
    parameters: parametersField,
    parameterVersion: z.string().nullable().meta({ description: "null: the configuration's own line." }),
  })
  .meta({ id: 'DeployedParameters' });

export const getParams = endpoint({
  method: 'get',
  path: '/optimize/params',
  summary: 'What is deployed by symbol, the versions of this run, and every deployment and rollback',
  query: z.strictObject({
    strategy: z.string().max(60).optional(),
    symbol: symbolField.optional(),
    limit: z.coerce.number().int().min(1).max(500).default(100),
  }),
  response: z.object({
    deployed: z.array(speakingView).meta({ description: 'In configured order.' }),
    versions: z.array(versionView).meta({ description: 'Newest first.' }),
    history: z.array(deploymentView).meta({ description: 'The newest, in order.' }),
  }),
  handle: async (deps: OptimizerDeps, { query }) => {
    const { db, run } = deps;
    const versions = await loadVersions(db, { run, ...query });
    const history = await loadDeployments(db, { run, ...query });
    return {
      deployed: await deployedBySymbol(deps),
      versions: versions.map(shown),
      history: history.map((deployment) => ({ ...deployment })),
    };
  },
});

async function deployedBySymbol({ db, run, configuration }: OptimizerDeps) {
  const versions = new Map((await loadVersions(db, { run })).map((version) => [version.id, version]));
  const stacks: Stacks = new Map();
  for (const deployment of await loadDeployments(db, { run })) applyDeployment(stacks, deployment);
  return configuration.assignments.map(({ symbol, strategy, parameters }) => {
    const version = versions.get(speaking(stacks, symbol) ?? '');
    return version === undefined
      ? { symbol, strategy, parameters, parameterVersion: null }
      : {
          ...{ symbol, strategy: version.strategy, parameters: version.parameters },
          parameterVersion: version.id,
        };
  });
}

function shown({ id, ...rest }: ParameterVersion) {
  return { parameterVersion: id, ...rest };
}
