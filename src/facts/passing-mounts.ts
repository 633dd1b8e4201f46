/** Kinds of file systems that hold no data of their own, or only those of one login. */
const PASSING_TYPES = new Set(
  'proc sysfs devtmpfs devpts cgroup cgroup2 pstore bpf tracefs debugfs securityfs mqueue hugetlbfs configfs fusectl binfmt_misc rpc_pipefs nsfs efivarfs ramfs selinuxfs nfsd ecryptfs'.split(
    ' ',
  ),
)

/** Left out with all that is below them; of /tmp only what is below it. */
const PASSING_PLACES =
  /^\/(?:(?:var\/)?tmp\/.+|proc|sys|dev|run|snap|var\/run|var\/snap|var\/lib\/(?:docker|containers|containerd|kubelet|snapd|lxcfs|lxd|incus))(?:\/|$)/

/** Layers of images as one tree, wherever the folder of the runtime was moved to. */
const CONTAINER_TREE = /\/(?:merged|rootfs|diff|fs)$|\/(?:rootfs\/overlayfs|overlay2?|overlayfs|snapshots)\/[^/]+$/
const LAYERED_TYPES = /^(?:overlay|aufs|fuse\.fuse-overlayfs|fuse-overlayfs)$/

/** Other mounts for as long as a container, a pod or its volume is in use; ids are long, so that no folder of a person has one. */
const OF_CONTAINERS: readonly RegExp[] = [
  /\/(?:containers|overlay-containers|sandboxes)\/[^/]+\/(?:mounts\/(?:shm|secrets)|userdata\/shm|userdata\/secrets|shm)$/,
  /\/containers\/storage\/(?:overlay|vfs|btrfs)$/,
  /\/io\.containerd\.[^/]+\/.+$/,
  /\/pods\/[0-9a-f]{8}-?[0-9a-f-]{20,28}\/(?:volumes|volume-subpaths|containers)\/.+$/,
  /\/plugins\/kubernetes\.io\/.+$/,
  /\/volumes\/[^/]+\/_data$/,
  /\/[0-9a-f]{64}(?:-init)?(?:\/|$)/,
]

/** A snapshot of ZFS is mounted when somebody looks into it, and goes by itself. */
const SNAPSHOT_PLACE = /\/\.zfs\/snapshot\//

/** Whether the mount comes and goes without anybody setting it up: what the kernel, containers, snaps and sessions make. */
export function isPassingMount(target: string, source: string, type: string): boolean {
  if (PASSING_TYPES.has(type) || PASSING_PLACES.test(target) || SNAPSHOT_PLACE.test(target)) return true
  if (type === 'zfs' && source.includes('@')) return true
  if (LAYERED_TYPES.test(type) && CONTAINER_TREE.test(target)) return true
  return OF_CONTAINERS.some((shape) => shape.test(target))
}
