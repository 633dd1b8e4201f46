import { matchesName } from './name-pattern'

/** Kernels boot, libc is under everything, and databases change their files on disk: an older version may not read them. */
const NEVER = [
  'linux-image*',
  'linux-modules*',
  'linux-headers*',
  'linux-generic*',
  'linux-virtual*',
  'linux-cloud*',
  'kernel',
  'kernel-*',
  'grub*',
  'shim*',
  'systemd-boot*',
  '*-microcode',
  'initramfs-tools*',
  'dracut*',
  'libc6*',
  'libc-bin',
  'libc-dev-bin',
  'libc-l10n',
  'glibc*',
  'locales*',
  'musl*',
  'postgresql*',
  'mysql*',
  'mariadb*',
  'percona-*',
  'mongodb*',
  'redis*',
  'valkey*',
  'elasticsearch*',
  'opensearch*',
  'clickhouse*',
  'influxdb*',
  'cassandra*',
  'couchdb*',
  'etcd*',
  'rabbitmq*',
  'slapd*',
  '389-ds*',
  'neo4j*',
  'prometheus',
]

export function neverRolledBack(name: string): boolean {
  return matchesName(NEVER, name)
}
