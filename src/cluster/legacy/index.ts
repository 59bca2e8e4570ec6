export {LegacyApi, type LegacyChange, type LegacyOptions} from './legacy-api.ts'
export {legacyRoutes} from './routes.ts'
