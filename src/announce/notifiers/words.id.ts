import type { RunVerdict } from '../../journal/event'
import type { NoticeWords } from './words'

const ENDED: Readonly<Record<RunVerdict, string>> = {
  live: 'selesai: semua host lulus verifikasi dan kembali melayani',
  partial: 'selesai sebagian: tidak semua host dirawat',
  held: 'selesai: ada host yang ditahan dan menunggu petugas',
  failed: 'gagal: periksa run ini',
  refused: 'ditolak',
  planned: 'direncanakan',
  announced: 'diumumkan',
}

export const indonesian: NoticeWords = {
  begun: (name, hosts) => `Pemeliharaan ${name} dimulai: ${hosts} host.`,
  held: (name, host) => `Pemeliharaan ${name}: ${host ?? 'sebuah host'} ditahan dan menunggu petugas.`,
  finished: (name, verdict) => `Pemeliharaan ${name} ${ENDED[verdict]}.`,
  reason: (text) => `Alasan: ${text}`,
  call: (owner) => `Hubungi ${owner}.`,
  openRun: 'Buka run',
  hosts: {
    live: 'melayani',
    'rolled-back': 'dikembalikan ke versi lama',
    held: 'ditahan',
    untouched: 'tidak disentuh',
    unreachable: 'tidak terjangkau',
  },
}
