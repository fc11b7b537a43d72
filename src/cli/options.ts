/**
 * Options that several commands have, and how their values are checked.
 */
import { InvalidArgumentError, Option } from 'commander';

/** A whole number from `min` to `max`. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < min || value > max) {
      throw new InvalidArgumentError(`It takes a whole number from ${min} to ${max}.`);
    }
    return value;
  };
}

/** `--vxlan-port`. */
export function vxlanPortOption(): Option {
  return new Option('--vxlan-port <ports>', 'UDP destination ports that carry VXLAN, with commas between')
    .default([4789, 8472], '4789,8472')
    .argParser((text) => text.split(',').map(wholeNumber(1, 65_535)));
}

/** `--allow-truncated`. */
export function allowTruncatedOption(): Option {
  return new Option('--allow-truncated', 'exit 0, not 3, where a capture is cut or corrupt');
}

/** `--color`. */
export function colorOption(): Option {
  return new Option('--color <when>', 'colour the output').choices(['auto', 'always', 'never']).default('auto');
}
