/**
 * A frame's time in records: nanoseconds as digits, and RFC 3339 in UTC. Never rounded.
 */
import { type Frame, timeNs } from '../dissect/frame.js';

/** The farthest that a `Date` reaches, either way, in seconds. */
export const MAX_DATE_SECONDS = 8_640_000_000_000;
/** Up to here seconds and nanoseconds can be set side by side as digits. */
const MAX_PLAIN_SECONDS = 1e15;

/** 0..999,999,999 in nine digits. **Cost** one string. */
export function nineDigits(nanoseconds: number): string {
  return (1_000_000_000 + nanoseconds).toString().slice(1);
}

/** Nanoseconds since 1970 as digits; null where the capture has no time for the frame. **Cost** one string. */
export function timeNsText(frame: Frame): string | null {
  const seconds = frame.seconds;
  if (seconds >= 1 && seconds < MAX_PLAIN_SECONDS) return seconds.toString() + nineDigits(frame.nanoseconds);
  const ns = timeNs(frame);
  return ns === null ? null : ns.toString();
}

const lastSecond = { seconds: Number.NaN, text: '' };

/** The time in RFC 3339 form, UTC, nine digits; null where there is none, or where no calendar reaches. **Cost** one string. */
export function rfc3339(frame: Frame): string | null {
  const seconds = frame.seconds;
  if (seconds !== lastSecond.seconds) {
    if (!(Math.abs(seconds) <= MAX_DATE_SECONDS)) return null;
    lastSecond.seconds = seconds;
    lastSecond.text = new Date(seconds * 1000).toISOString().slice(0, -4);
  }
  return `${lastSecond.text}${nineDigits(frame.nanoseconds)}Z`;
}
