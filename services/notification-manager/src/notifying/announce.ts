import type { NotificationRaised, ParametersDeployed, studyFinished } from '@fleet/domain/events';
import type { z } from 'zod';
import type { NotificationRequest, Raised } from './inputs.ts';

type StudyFinished = z.infer<typeof studyFinished.schema>;

export function raisedByEvent(event: NotificationRaised): Raised {
  return { ...event };
}

export function raisedByRequest(request: NotificationRequest): Raised {
  return { ...request, dedupeKey: request.dedupeKey ?? `${request.code}:${request.title}`.slice(0, 200) };
}

/** A study that failed is a warning; one with a candidate asks for an approval. */
export function raisedByStudy(study: StudyFinished): Raised {
  const failed = study.outcome === 'failed';
  const candidate = study.parameterVersion === null ? 'No candidate' : `Candidate ${study.parameterVersion}`;
  return {
    severity: failed ? 'warning' : 'info',
    code: failed ? 'STUDY_FAILED' : 'STUDY_FINISHED',
    title: failed
      ? `Study of ${study.strategy} failed`
      : `Study of ${study.strategy} finished: ${candidate.toLowerCase()}`,
    text: study.message,
    figures: {
      study: study.studyId,
      symbols: study.symbols.join(', ').slice(0, 200),
      trials: study.trials,
      trainObjective: study.trainObjective,
      testObjective: study.testObjective,
      parameterVersion: study.parameterVersion,
    },
    dedupeKey: `study:${study.studyId}`,
    raisedBy: 'parameter-optimizer',
  };
}

export function raisedByDeployment(deployed: ParametersDeployed): Raised {
  const back = deployed.rollbackOf !== null;
  return {
    severity: 'warning',
    code: back ? 'PARAMETERS_ROLLED_BACK' : 'PARAMETERS_DEPLOYED',
    title: `${deployed.strategy} trades with parameters ${deployed.parameterVersion}`.slice(0, 200),
    text: back
      ? `Rolled back from ${deployed.rollbackOf} by ${deployed.deployedBy}.`
      : `Deployed by ${deployed.deployedBy}.`,
    figures: { symbols: deployed.symbols.join(', ').slice(0, 200), ...parameterFigures(deployed.parameters) },
    // Each deployment is a change of its own, also one back to a version that was told before.
    dedupeKey:
      `parameters:${deployed.strategy}:${deployed.parameterVersion}:${deployed.rollbackOf ?? ''}`.slice(
        0,
        200,
      ),
    raisedBy: 'parameter-optimizer',
  };
}

function parameterFigures(parameters: ParametersDeployed['parameters']): Raised['figures'] {
  return Object.fromEntries(
    Object.entries(parameters)
      .slice(0, 19)
      .map(([name, value]) => [name, typeof value === 'number' ? value : String(value)]),
  );
}
