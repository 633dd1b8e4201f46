import type { RunVerdict } from '../../journal/event'
import type { NoticeWords } from './words'

const ENDED: Readonly<Record<RunVerdict, string>> = {
  live: 'selesai: semua host lulus verifikasi dan kembali daring',
  partial: 'selesai sebagian: tidak semua host selesai dipelihara',
  held: 'selesai: ada host yang ditahan dan menunggu petugas',
  failed: 'gagal: lihat run ini',
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
  openRun: 'Lihat run ini',
  hosts: {
    live: 'daring',
    'rolled-back': 'kembali ke versi lama',
    held: 'ditahan',
    untouched: 'tidak diubah',
    unreachable: 'tidak terjangkau',
  },
}
