// What people read: tables and lists instead of JSON.
const CELL_CHARACTERS_MAX = 60;

/** @param {unknown} answer of a service @returns {string} lines */
export function forPeople(answer, indent = '') {
  if (Array.isArray(answer)) return answer.length === 0 ? `${indent}none\n` : table(answer, indent);
  if (!isRecord(answer)) return `${indent}${cell(answer)}\n`;
  const width = Math.max(0, ...Object.keys(answer).map((key) => key.length));
  return Object.entries(answer)
    .map(([key, value]) => {
      const nested = isRecord(value) || (Array.isArray(value) && value.some(isRecord));
      if (nested) return `${indent}${key}\n${forPeople(value, `${indent}  `)}`;
      const text = Array.isArray(value) ? value.map(cell).join(', ') || 'none' : fullText(value);
      return `${indent}${key.padEnd(width)}  ${text}\n`;
    })
    .join('');
}

function table(rows, indent) {
  if (!rows.every(isRecord)) return rows.map((row) => `${indent}${cell(row)}\n`).join('');
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const lines = [columns, ...rows.map((row) => columns.map((column) => cell(row[column])))];
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => line[index].length)));
  return lines
    .map(
      (line) =>
        `${indent}${line
          .map((text, index) => text.padEnd(widths[index]))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

/** Ids and keys must stay whole: the next command takes them. */
function cell(value) {
  const text = fullText(value);
  const words = /\s|[{[]/.test(text);
  return words && text.length > CELL_CHARACTERS_MAX ? `${text.slice(0, CELL_CHARACTERS_MAX - 1)}…` : text;
}

function fullText(value) {
  if (value === null || value === undefined) return '-';
  return (typeof value === 'object' ? JSON.stringify(value) : String(value)).replaceAll(/\p{Cc}/gu, ' ');
}

function isRecord(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
