/** One cell of a CSV file, always quoted; no spreadsheet takes it for a formula (H43). */
export function forCsv(text: string): string {
  const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return `"${plain.replaceAll('"', '""')}"`
}
