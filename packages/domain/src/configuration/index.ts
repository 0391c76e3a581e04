export {
  ConfigurationConflictError,
  type ConfigurationFiles,
  type TradingConfiguration,
  tradingConfiguration,
} from './configuration.ts';
