/**
 * Text that somebody else chose (file names, interface names, comments), made safe for a terminal.
 */

/** The text with control characters as `\xNN` (`\u{NNNN}` beyond one byte), so that it cannot steer a terminal. **Cost** one string. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (character) => {
    const code = character.codePointAt(0) as number;
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
  });
}
