export {type CronClass, loadCron} from './cron.ts'
export {type Anchor, compileSchedule, durationMs, type Schedule, type ScheduleOptions} from './schedule.ts'
