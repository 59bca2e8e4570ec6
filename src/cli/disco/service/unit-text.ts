/** Units of systemd for the processes of this program. Pure: options in, text out. */

export type Role = 'master' | 'agent' | 'start' | 'daemon'

export interface UnitOptions {
  readonly role: Role
  /** The program as it is started: absolute paths. */
  readonly command: readonly string[]
  /** Further arguments of the process. */
  readonly args: readonly string[]
  readonly user: string
  /** Home folder of the node, or state folder of the daemon. */
  readonly home: string
  /** Folders that it writes besides. */
  readonly writes: readonly string[]
  readonly drainSeconds: number
}

const topics: Readonly<Record<Role, readonly string[]>> = {
  master: ['disco', 'master'],
  agent: ['disco', 'agent'],
  start: ['disco', 'start'],
  daemon: ['inferno', 'daemon'],
}

const titles: Readonly<Record<Role, string>> = {
  master: 'Disco Inferno, master of a cluster',
  agent: 'Disco Inferno, agent of a cluster',
  start: 'Disco Inferno, a cluster on this machine',
  daemon: 'Disco Inferno, rules on schedule',
}

/** `disco-agent.service` */
export const unitName = (role: Role): string => (role === 'daemon' ? 'inferno-daemon.service' : `disco-${role}.service`)

/** Closing takes up to this after the tasks have had their time. Seconds. */
const closeSeconds = 30

/**
 * What a process of ours never needs is taken from it. Not taken: memory that is written and run (Node compiles while it runs),
 * and processes (tasks are some).
 */
const hardening: readonly string[] = [
  'NoNewPrivileges=yes',
  'CapabilityBoundingSet=',
  'AmbientCapabilities=',
  'ProtectSystem=strict',
  'ProtectHome=yes',
  'PrivateTmp=yes',
  'PrivateDevices=yes',
  'ProtectClock=yes',
  'ProtectHostname=yes',
  'ProtectControlGroups=yes',
  'ProtectKernelLogs=yes',
  'ProtectKernelModules=yes',
  'ProtectKernelTunables=yes',
  'ProtectProc=invisible',
  'RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX',
  'RestrictNamespaces=yes',
  'RestrictRealtime=yes',
  'RestrictSUIDSGID=yes',
  'LockPersonality=yes',
  'RemoveIPC=yes',
  'SystemCallArchitectures=native',
  'SystemCallFilter=@system-service',
  'SystemCallFilter=~@privileged',
  'SystemCallErrorNumber=EPERM',
  'UMask=0077',
]

/** A whole unit file. Exit statuses 1 and 2 are for a person: systemd does not start the process again after them. */
export function unitText(options: UnitOptions): string {
  const {role, command, args, user, home, writes, drainSeconds} = options
  const place = role === 'daemon' ? ['--state', home] : ['--home', home]
  const drain = role === 'daemon' ? ['--grace', String(drainSeconds)] : ['--drain', String(drainSeconds)]
  const line = [...command, ...topics[role], ...place, ...drain, ...args].map(quoted).join(' ')
  const name = unitName(role).replace('.service', '')
  return `${[
    '[Unit]',
    `Description=${titles[role]}`,
    'Wants=network-online.target',
    'After=network-online.target',
    'StartLimitIntervalSec=300',
    'StartLimitBurst=10',
    '',
    '[Service]',
    'Type=exec',
    `User=${user}`,
    `Group=${user}`,
    '# Secrets: DISCO_JOIN_TOKEN=… for an agent. Owned by root, mode 0600.',
    `EnvironmentFile=-/etc/disco/${name}.env`,
    `CacheDirectory=${name}`,
    `Environment=XDG_CACHE_HOME=/var/cache/${name}`,
    `ExecStart=${line}`,
    '# Reads the certificate again; of no use, and without harm, where there is none.',
    ...(role === 'daemon' ? [] : ['ExecReload=/bin/kill -HUP $MAINPID']),
    'KillMode=mixed',
    `TimeoutStopSec=${drainSeconds + closeSeconds}`,
    'Restart=on-failure',
    'RestartSec=2',
    '# With 1 and 2 it says that a person has to do something.',
    'RestartPreventExitStatus=1 2',
    'LimitNOFILE=65536',
    'LimitCORE=0',
    'TasksMax=4096',
    `ReadWritePaths=${[home, ...writes].map(quoted).join(' ')}`,
    ...hardening,
    '',
    '[Install]',
    'WantedBy=multi-user.target',
  ]
    .filter(text => role !== 'daemon' || !text.startsWith('# Reads the certificate'))
    .join('\n')}\n`
}

/** One word of a command line of systemd: `%` and `$` stand for themselves. */
export function quoted(word: string): string {
  const text = word.replaceAll('%', '%%').replaceAll('$', '$$$$')
  if (/^[A-Za-z0-9_@%+=:,./$-]+$/.test(text)) return text
  return `"${text.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n')}"`
}
