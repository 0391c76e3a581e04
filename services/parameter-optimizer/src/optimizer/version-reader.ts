import type { Queryable } from '@fleet/shared/postgres';
import type { Deployment } from '../versions/deployments.ts';
import type { ParameterVersion } from '../versions/version.ts';
import { type DeploymentRow, deploymentOf, type VersionRow, versionOf } from './rows.ts';

export interface VersionFilter {
  readonly run: string;
  readonly strategy?: string | undefined;
  readonly symbol?: string | undefined;
  readonly limit?: number | undefined;
}

/** Versions of a run, newest first. */
export async function loadVersions(
  db: Pick<Queryable, 'query'>,
  { run, strategy, symbol, limit }: VersionFilter,
): Promise<readonly ParameterVersion[]> {
  const { rows } = await db.query<VersionRow>(
    `select * from optimizer.parameter_versions where run = $1 and ($2::text is null or strategy = $2)
       and ($3::text is null or $3 = any(symbols)) order by created_at desc, id limit $4`,
    [run, strategy ?? null, symbol ?? null, limit ?? null],
  );
  return rows.map(versionOf);
}

/** What was deployed and rolled back in a run, in order; with a limit, the newest of them. */
export async function loadDeployments(
  db: Pick<Queryable, 'query'>,
  { run, strategy, symbol, limit }: VersionFilter,
): Promise<readonly Deployment[]> {
  const { rows } = await db.query<DeploymentRow>(
    `select * from optimizer.deployments where run = $1 and ($2::text is null or strategy = $2)
       and ($3::text is null or $3 = any(symbols)) order by position desc limit $4`,
    [run, strategy ?? null, symbol ?? null, limit ?? null],
  );
  return rows.map(deploymentOf).reverse();
}
