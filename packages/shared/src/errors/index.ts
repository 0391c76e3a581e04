export {
  type ErrorContext,
  FleetError,
  type FleetErrorOptions,
  isFleetError,
  type NamedError,
  type RetryClass,
} from './fleet-error.ts';
export { redactText } from './redact-text.ts';
export { isSecretName, redactValue } from './redact-value.ts';
export {
  allErrors,
  type DefinedErrorClass,
  type DefinedErrorOptions,
  defineError,
  type ErrorDefinition,
  errorDefinition,
} from './registry.ts';
export { type SafeError, safeError } from './safe-error.ts';
