export {
  ConfigurationConflictError,
  type ConfigurationFiles,
  type TradingConfiguration,
  tradingConfiguration,
} from './configuration.ts';
export {
  type DayEnvironment,
  dayEnvironmentShape,
  type LoadFile,
  readTradingConfiguration,
} from './files.ts';
