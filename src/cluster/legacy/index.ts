export {LegacyApi, type LegacyOptions} from './legacy-api.ts'
export {legacyRoutes} from './routes.ts'
