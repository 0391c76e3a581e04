export { ConfigError, type ConfigFault } from './config-error.ts';
export { type Environment, type LoadConfigOptions, loadConfig } from './environment.ts';
export { accessFault, assertSecretFolder } from './secret-file.ts';
export {
  callerConfigShape,
  commonConfigShape,
  envBoolean,
  envInteger,
  envList,
  envNumber,
  envUrl,
  type IntegerRange,
} from './settings.ts';
export { type UnknownKey, unknownKeys } from './unknown-keys.ts';
export { loadYaml, parseYaml } from './yaml-file.ts';
